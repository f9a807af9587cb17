"""Threads that allocate while others fork."""
import os
import threading

children = []


def allocate():
    for n in range(20000):  # hits: 80004
        [bytes(n % 700)]  # hits: 80000


def fork():
    for _ in range(10):  # hits: 22
        pid = os.fork()  # hits: 20
        for _ in range(1):  # hits: 80
            pass
        if pid == 0:  # hits: 40
            kept = [bytes(n) for n in range(100)]
            os._exit(len(kept) % 7)  # hits: 20
        children.append(os.waitpid(pid, 0)[1] >> 8)  # hits: 20


threads = [threading.Thread(target=target)
           for target in (allocate, fork, allocate, fork, allocate, allocate)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(children), set(children))  # hits: 1
