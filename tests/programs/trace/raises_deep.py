"""Exceptions: through frames, else, finally, with, chains, groups."""
import contextlib


def bottom(n):
    if n:
        raise LookupError(n)
    return "fine"


def middle(n):
    try:
        return bottom(n)
    except KeyError:
        return "never"
    finally:
        done.append(n)


def top(n):
    try:
        value = middle(n)
    except LookupError as error:
        try:
            raise RuntimeError("wrapped") from error
        except RuntimeError as wrapped:
            return type(wrapped.__cause__).__name__
    else:
        return value


class Ignores:
    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        return kind is ZeroDivisionError


def grouped():
    try:
        raise ExceptionGroup("both", [ValueError(1), TypeError(2)])
    except* ValueError as group:
        done.append(len(group.exceptions))
    except* TypeError:
        done.append("type")


def returns_from_finally():
    try:
        1 / 0
    finally:
        return "covered up"


done = []
print(top(0), top(1))
with Ignores(), contextlib.suppress(OSError):
    1 / 0
    print("not reached")
grouped()
for _ in range(2):
    try:
        continue
    finally:
        done.append("on the way")
print(returns_from_finally(), done)
