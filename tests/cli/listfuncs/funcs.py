"""Functions of all kinds whose names trace and we see alike."""
import contextlib


class Tree:
    def __init__(self, depth):
        self.depth = depth

    def grow(self):
        def branch(left):
            while left:
                left -= 1
            return left
        return branch(self.depth) + branch(0)

    def never(self):
        return 0


def numbers(count):
    for i in range(count):
        yield i


def one_line(): return [n for n in range(3)]


@contextlib.contextmanager
def managed():
    yield 1


Tree(4).grow()
list(numbers(3))
one_line()
twice = lambda x: x * 2
twice(1)
twice(2)
with managed():
    pass
sum(x for x in range(3))
