"""Decorators: plain, with arguments, classes, stacked, on methods."""
import functools


def plain(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper


def times(n):
    def decorate(function):
        def wrapper(*args):
            return [function(*args) for _ in range(n)]
        return wrapper
    return decorate


class Counted:
    def __init__(self, function):
        self.function = function
        self.calls = 0

    def __call__(self, *args):
        self.calls += 1
        return self.function(*args)


@plain
@times(
    2
)
def double(x):
    return 2 * x


@Counted
def triple(x): return 3 * x


class Shelf:
    @property
    def size(self):
        return 3

    @staticmethod
    @plain
    def put(x):
        return x

    @classmethod
    def make(cls):
        return cls()

    @functools.lru_cache
    def slow(self, x):
        return x


shelf = Shelf.make()
print(double(2), triple(3), triple(4), triple.calls)
print(shelf.size, shelf.put(1), shelf.slow(1), shelf.slow(1))
