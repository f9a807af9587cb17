"""A loop that allocates, for counting instructions.

    valgrind --tool=callgrind python allocloop.py TURNS DEPTH [TOOL N]

TOOL is a module with the interface of tracemalloc. The difference between a
long and a short run is the price of the turns, without the start-up.
"""
import gc
import importlib
import sys


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Step:
    def __init__(self, point, number):
        self.point = point
        self.number = number


def turns(count):
    kept = []
    for i in range(count):
        step = Step(Point(i * 0.5, i * 0.25), i)
        kept.append((step, [i], {i: i}))
        if len(kept) > 1000:
            kept = kept[500:]
    return len(kept)


def below(depth, count):
    return turns(count) if depth == 0 else below(depth - 1, count)


def main():
    count, depth = int(sys.argv[1]), int(sys.argv[2])
    gc.disable()
    if len(sys.argv) > 3:
        importlib.import_module(sys.argv[3]).start(int(sys.argv[4]))
    below(depth, count)


if __name__ == "__main__":
    main()
