"""Decorators of functions and classes, with arguments and stacked."""
import functools


def traced(function):
    @functools.wraps(function)
    def wrapper(*arguments, **options):
        wrapper.calls += 1
        return function(*arguments, **options)

    wrapper.calls = 0
    return wrapper


def repeat(times):
    def decorate(function):
        def wrapper(*arguments):
            for _ in range(times):
                result = function(*arguments)
            return result
        return wrapper
    return decorate


def registered(cls):
    cls.known = True
    return cls


@traced
@repeat(times=3)
def shout(word):
    return word.upper()


@repeat(
    2
)
@traced
def add(
    left,
    right=1,
):
    return (
        left
        + right
    )


@registered
@(lambda cls: cls)
class Thing:
    @traced
    @functools.lru_cache(maxsize=None)
    def slow(self, number):
        return number * number


@functools.singledispatch
def show(value):
    return "?"


@show.register
def _(value: int):
    return "int"


thing = Thing()
print(shout("a"), shout("b"), shout.calls)
print(add(1), add(1, 2))
print(thing.slow(2), thing.slow(2), thing.slow(3), Thing.known)
print(show(1), show(""))
