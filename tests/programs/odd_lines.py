"""Code whose location table no compiler wrote: lines back, far, none."""
import types

SOURCE = """
def adds(n):
    total = 0
    for i in range(n):
        try:
            if i % 2:
                raise KeyError
            total += i
        except KeyError:
            total -= 1
        finally:
            total += 5
    return total

def yields(n):
    while n:
        yield n
        n -= 1
"""
SHAPES = [  # the line of each code unit
    lambda i: 60 - i // 6 if i < 300 else 20,
    lambda i: 25,
    lambda i: None,
    lambda i: 30 + i // 4 % 2,
    lambda i: None if i // 5 % 3 == 0 else 32 + i // 9,
    lambda i: 2 if i // 7 % 2 else 40,
    lambda i: 2 if i // 3 % 2 else 70 - i // 9,
    lambda i: i * 37 % 61 + 1,
]


def varint(value):
    while value > 63:
        yield 64 | value & 63
        value >>= 6
    yield value


def table(code, shape):
    """One entry for each code unit: its line, without columns, or none."""
    line = code.co_firstlineno
    for i in range(len(code.co_code) // 2):
        wanted = shape(i)
        if wanted is None:
            yield 128 | 15 << 3
            continue
        yield 128 | 13 << 3
        step = wanted - line
        yield from varint(abs(step) << 1 | (step < 0))
        line = wanted


def run(module, shape):
    """Run the functions of `module`, given lines by `shape`."""
    consts = tuple(
        const.replace(co_linetable=bytes(table(const, shape)))
        if isinstance(const, types.CodeType) else const
        for const in module.co_consts)
    names = {"__file__": __file__}
    exec(module.replace(co_consts=consts), names)
    for _ in range(3):
        names["adds"](5)
        list(names["yields"](4))


compiled = compile(SOURCE, __file__, "exec")
for each in SHAPES:
    run(compiled, each)
