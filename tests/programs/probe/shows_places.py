"""Tracebacks, positions, sources and warnings of rewritten code."""
import inspect
import sys
import traceback
import warnings


def fails(n):
    try:
        if n:
            raise KeyError(
                n)
    except KeyError:
        return [1 / 0
                for _ in range(1)]
    finally:
        n = 0
    return n


def warns():
    for _ in range(2):
        warnings.warn("here", stacklevel=1)
        warnings.warn(
            "there",
            stacklevel=2)


def deep(n):
    if n:
        return deep(
            n - 1)
    return [f.f_lineno for f in frames()]


def frames():
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename == __file__:
        yield frame
        frame = frame.f_back


class Lines:
    def __iter__(self):
        yield sys._getframe().f_lineno
        with self as me: yield me, sys._getframe().f_lineno

    def __enter__(self):
        return sys._getframe().f_back.f_lineno

    def __exit__(self, *what):
        print("exit from", sys._getframe().f_back.f_lineno)


def raised_at(error):
    entry = error.__traceback__
    while entry is not None:
        code = entry.tb_frame.f_code
        places = list(code.co_positions())
        yield entry.tb_lineno, places[entry.tb_lasti // 2]
        entry = entry.tb_next


try:
    fails(1)
except ZeroDivisionError as error:
    traceback.print_exc(file=sys.stdout)
    print(*raised_at(error))
    print(*raised_at(error.__context__))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warns()
print([(w.lineno, w.filename == __file__) for w in caught])
print(deep(3), list(Lines()), fails(0))
for thing in fails, Lines, Lines.__iter__:
    print(inspect.getsource(thing), inspect.getsourcelines(thing)[1])
print(sorted({line for _, _, line in fails.__code__.co_lines() if line}))
print(str(fails.__code__).partition(" at ")[0], inspect.signature(deep),
      fails.__code__.co_varnames)
