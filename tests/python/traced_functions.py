"""traced_functions.py - what the tests of pytrace.Tracer trace, and how."""

import io
import unittest

import pytrace

HERE = __file__


def inner(n):
    return n * 2


def outer(n):
    return inner(n) + inner(n + 1)


def recurse(n):
    return recurse(n - 1) if n else 0


def numbers(n):
    for i in range(n):
        yield inner(i)


def fails(key):
    raise KeyError(key)


class Basket:
    def put(self, what, *more, count=1, **notes):
        self.what = what
        return self.price(count)

    def price(self, count):
        return 3 * count


def same(what):
    return what


class Recorder:
    """A callback that keeps (event, function's name)."""

    def __init__(self):
        self.seen = []

    def __call__(self, frame, event, arg):
        self.seen.append((event, frame.f_code.co_name))


class TracerCase(unittest.TestCase):

    def calls(self, what, **options):
        """The names of the functions whose calls a Tracer saw."""
        recorder = Recorder()
        with pytrace.Tracer(recorder, events="call", **options):
            what()
        return [name for _, name in recorder.seen]

    def shown(self, what, **options):
        """What a Tracer prints while `what` is called."""
        with io.StringIO() as out:
            with pytrace.Tracer(show=out, **options):
                what()
            return out.getvalue()
