"""Threads that allocate, keep and free at the same time."""
import threading
import time

kept = []


def work(number):
    own = []
    for turn in range(2000):
        own.append("%d of %d" % (turn, number))
        if turn % 3 == 0:
            own.pop(0)
    kept.append(own)


threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
# A thread that was joined still has its own state to free.
time.sleep(0.1)
