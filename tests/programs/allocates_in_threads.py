"""Eight threads that allocate, free, and free what others allocated."""
import sys
import threading
import zlib

shared = [[] for _ in range(8)]


def work(index):
    mine = shared[index]
    other = shared[(index + 1) % 8]
    for n in range(20000):  # hits: 160008
        block = bytes(n % 300)  # hits: 160000
        mine.append(block)
        if n % 3 == 0:  # hits: 160000
            try:
                other.pop()
            except IndexError:
                pass
        if n % 1000 == 0:
            zlib.compress(bytes(100000))  # hits: 160


threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
# There is only one bytes object that is empty.
sizes = [sys.getsizeof(block) for mine in shared for block in mine if block]
print(len(sizes), sum(sizes))  # hits: 1
