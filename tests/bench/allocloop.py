"""Loops that allocate, for counting instructions (instructions.py does).

    valgrind --tool=callgrind python allocloop.py LOOP TURNS DEPTH [TOOL N]

LOOP is `churn`, objects that come and go, or `keep`, objects of which some are
kept, beside tuples, lists and dictionaries: there every second instruction is
an allocator's. TOOL is a module with the interface of tracemalloc.
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

    def plus(self, other):
        return Step(Point(self.point.x + other.point.x,
                          self.point.y + other.point.y), self.number + 1)


def churn(count):
    total = Step(Point(0.0, 0.0), 0)
    for i in range(count):
        total = total.plus(Step(Point(i * 0.5, i * 0.25), i))
    return total.number


def keep(count):
    kept = []
    for i in range(count):
        step = Step(Point(i * 0.5, i * 0.25), i)
        kept.append((step, [i], {i: i}))
        if len(kept) > 1000:
            kept = kept[500:]
    return len(kept)


def below(depth, loop, count):
    return loop(count) if depth == 0 else below(depth - 1, loop, count)


def main():
    loop = {"churn": churn, "keep": keep}[sys.argv[1]]
    count, depth = int(sys.argv[2]), int(sys.argv[3])
    gc.disable()
    if len(sys.argv) > 4:
        importlib.import_module(sys.argv[4]).start(int(sys.argv[5]))
    below(depth, loop, count)


if __name__ == "__main__":
    main()
