"""Lambdas and functions of one line, several on a line, defaults."""
import functools

twice = lambda x: 2 * x  # noqa: E731
add, sub = (lambda a, b: a + b), (lambda a, b: a - b)


def one(x): return x + 1
def two(x): y = one(x); return one(y)
def loops(n): return [one(i) for i in range(n)]
def many(n):
    for i in range(n): one(i)
def default(f=lambda: 3): return f()


compose = lambda *fs: functools.reduce(  # noqa: E731
    lambda f, g: lambda x: f(g(x)), fs)

many(5)
print(twice(4), add(1, 2), sub(1, 2), two(1), loops(3), default())
print(sorted("bca", key=lambda c: -ord(c)), compose(one, twice, one)(3))
print((lambda: (yield))().send(None))
