"""Threads, one after the other: functions, methods, an exception in one."""
import threading

results = []


def work(name, rounds):
    total = 0
    for i in range(rounds):
        total += i
    results.append((name, total))


class Worker(threading.Thread):
    def run(self):
        work(self.name, 3)


def fails():
    try:
        raise ValueError("in a thread")
    except ValueError as error:
        results.append(("failed", str(error)))


for number in range(2):
    thread = threading.Thread(target=work, args=("plain", number + 1))
    thread.start()
    thread.join()
worker = Worker(name="worker")
worker.start()
worker.join()
thread = threading.Thread(target=fails)
thread.start()
thread.join()
print(results)
