"""Generators: exhausted, closed early, thrown into, delegated, collected."""
import contextlib
import itertools


def countdown(start):
    try:
        while start:
            yield start
            start -= 1
    finally:
        print("countdown over at", start)


def averager():
    total = count = 0
    value = None
    while True:
        try:
            value = yield value
        except ValueError:
            print("reset")
            total = count = 0
            continue
        total += value
        count += 1
        value = total / count


def chain(*parts):
    for part in parts:
        yield from part
    return "chained"


@contextlib.contextmanager
def told(name):
    print("enter", name)
    try:
        yield name.upper()
    except KeyError:
        print("swallowed")
    finally:
        print("leave", name)


for number in countdown(5):
    if number == 3:
        break
early = countdown(9)
next(early)
early.close()

average = averager()
next(average)
for value in 3, 4, 5:
    print(average.send(value))
average.throw(ValueError)
print(average.send(10))
average.close()


def outer():
    result = yield from chain(range(3), "ab", countdown(2))
    print(result)


print(list(outer()))
with told("first"), told("second") as second:
    print(second)
    raise KeyError(second)
print(list(itertools.islice(countdown(100), 3)))
del early
