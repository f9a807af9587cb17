"""Both processes of a fork work; so does a child's child."""
import os
import sys


def work(n):
    kept = []
    for i in range(n):
        kept.append(bytes(5000))
    return kept


before = work(10)  # hits: 1
pid = os.fork()  # hits: 1
if pid == 0:  # hits: 2
    mine = work(100)  # hits: 1
    grandchild = os.fork()  # hits: 1
    if grandchild == 0:  # hits: 2
        more = work(1000)  # hits: 1
        os._exit(5)  # hits: 1
    status = os.waitpid(grandchild, 0)[1]  # hits: 1
    sys.exit(status >> 8)  # hits: 1
after = work(20)  # hits: 1
print(os.waitpid(pid, 0)[1] >> 8)  # hits: 1
