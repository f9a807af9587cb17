import threading


def work():
    done = 1
    return done


thread = threading.Thread(target=work, name="worker")
thread.start()
thread.join()
print("joined")
