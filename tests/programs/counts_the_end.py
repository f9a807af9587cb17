"""What runs after the last line counts too."""
import atexit
import threading


def at_end():
    for _ in range(3):  # hits: 4
        pass  # hits: 3
    print("handler")  # hits: 1


def outlive():
    threading.main_thread().join()  # hits: 1
    for _ in range(5):  # hits: 6
        pass  # hits: 5
    print("thread")  # hits: 1


def suspended():
    try:
        yield 1  # hits: 1
    finally:
        print("finally")  # hits: 1


class Held:
    def __del__(self):
        print("deleted")  # hits: 1


atexit.register(at_end)  # hits: 1
threading.Thread(target=outlive).start()  # hits: 1
generator = suspended()
next(generator)  # hits: 1
held = Held()
raise SystemExit(8)  # hits: 1
