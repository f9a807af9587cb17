"""Nested functions, closures, nonlocal, recursion, default arguments."""


def counter(start=0):
    value = start

    def step(by=1):
        nonlocal value
        value += by
        return value

    def reset():
        nonlocal value
        value = start

    return step, reset


def memo(function):
    known = {}

    def lookup(argument):
        if argument not in known:
            known[argument] = function(argument)
        return known[argument]

    return lookup


@memo
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def permutations(items):
    if not items:
        yield ()
        return
    for index, item in enumerate(items):
        rest = items[:index] + items[index + 1:]
        for tail in permutations(rest):
            yield item, *tail


def hanoi(n, source="a", target="b", spare="c"):
    if n == 0:
        return 0
    return (hanoi(n - 1, source, spare, target)
            + 1
            + hanoi(n - 1, spare, target, source))


def late():
    made = []
    for i in range(3):
        def show(bound=i):
            def inner():
                return bound, i
            return inner
        made.append(show())
    return [call() for call in made]


step, reset = counter(5)
print(step(), step(10))
reset()
print(step())
print(fibonacci(20), len(list(permutations("abcd"))), hanoi(6), late())
total = 0
for outer in range(3):
    def add(n):
        global total
        total += n
    for inner in range(outer):
        add(inner)
print(total)
