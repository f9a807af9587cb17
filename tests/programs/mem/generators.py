"""Blocks allocated in generators that are left in the middle."""


def numbers(count):
    store = []
    for number in range(count):
        store.append("number %d" % number)
        yield store


def chain(count):
    yield from numbers(count)


open_ones = []
for size in range(200):
    generator = chain(1000)
    for _ in range(size):
        next(generator)
    open_ones.append(generator)
doubled = list(x * 2 for x in range(5000))
