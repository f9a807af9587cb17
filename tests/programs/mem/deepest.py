"""Ten thousand frames, each of which holds something."""
import sys
import threading

kept = []


def down(depth):
    here = [depth]
    if depth % 50 == 0:
        kept.append((depth, "at %d" % depth))
    return down(depth - 1) if depth else here


def yielding(depth):
    if depth:
        yield from yielding(depth - 1)
    yield [depth]


def run():
    down(10000)
    kept.append(list(yielding(400)))


sys.setrecursionlimit(30000)
threading.stack_size(256 << 20)
thread = threading.Thread(target=run)
thread.start()
thread.join()
