"""Deep recursion, to the limit and beyond it."""
import sys
import threading


def deep(n):
    if n == 0:  # hits: 30001
        return bytes(1000)  # hits: 1
    return deep(n - 1)  # hits: 30000


def endless(n):
    return [endless(n + 1)]


def worker():
    kept.append(deep(30000))


kept = []
threading.stack_size(512 << 20)
sys.setrecursionlimit(50000)
thread = threading.Thread(target=worker)
thread.start()
thread.join()
sys.setrecursionlimit(1000)
try:
    endless(0)
except RecursionError:
    print("enough")  # hits: 1
print(len(kept[0]))  # hits: 1
