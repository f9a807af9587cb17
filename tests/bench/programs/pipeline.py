"""Generators, comprehensions, closures, context managers, exceptions."""
from contextlib import contextmanager


def numbers(n):
    for i in range(n):
        yield i


def keep(predicate, items):
    for item in items:
        if predicate(item):
            yield item


def windows(items, width):
    window = []
    for item in items:
        window.append(item)
        if len(window) == width:
            yield tuple(window)
            window = window[1:]


@contextmanager
def counted(counter, name):
    try:
        yield counter
    finally:
        counter[name] = counter.get(name, 0) + 1


def check(value):
    if value % 7 == 0:
        raise ValueError(value)
    return value


def main(scale):
    counter = {}
    total = 0
    for block in range(int(30 * scale)):
        with counted(counter, block % 5):
            odd = keep(lambda n: n & 1, numbers(4000))
            for window in windows(odd, 3):
                try:
                    total += check(sum(window))
                except ValueError:
                    total -= 1
            total += sum(x * y for x in range(40) for y in range(40))
            total += len({n % 97: [n] for n in range(400)})
    return total
