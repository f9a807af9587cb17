"""Threads that allocate, keep and free at the same time."""
import os
import threading
import time

kept = []


def tasks():
    return len(os.listdir("/proc/self/task"))


def work(number):
    own = []
    for turn in range(2000):
        own.append("%d of %d" % (turn, number))
        if turn % 3 == 0:
            own.pop(0)
    kept.append(own)


alone = tasks()
threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
# A thread that was joined still has its own state to free.
while tasks() > alone:
    time.sleep(0.001)
# How far they were at the same time is another thing each time, and is not to
# decide how high the peak is.
bytes(1 << 20)
