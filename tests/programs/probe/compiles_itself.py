"""Functions read by their bytecode before they run, as numba does."""
import dis
import types


def jitted(values):
    total = 0  # hits: 2
    for value in values:  # hits: 6
        if value > 3:  # hits: 4
            total += value  # hits: 2
    try:
        return total / len(values)  # hits: 2
    except ZeroDivisionError:
        return [half(n) for n in values]


def half(n):
    return n / 2  # hits: 3


def nothing():
    pass  # hits: 1


def outer(n):
    def inner():  # hits: 1
        return n  # hits: 1

    return inner  # hits: 1


def never_called(n):
    with n as m:
        yield m


def show(function):
    code = function.__code__
    print(function.__qualname__, code.co_stacksize, code.co_code.hex())
    print([c for c in code.co_consts if not isinstance(c, types.CodeType)])
    print(code.co_linetable, code.co_exceptiontable)
    print(list(code.co_lines()), list(code.co_positions()))
    print([(i.opname, i.argval if not isinstance(i.argval, types.CodeType)
            else "code", i.offset) for i in dis.get_instructions(function)])
    return code


for function in jitted, half, nothing, outer, never_called:
    show(function)
    show(types.FunctionType(function.__code__.replace(co_name="renamed"), {}))
for constant in outer.__code__.co_consts:
    if isinstance(constant, types.CodeType):
        print(constant.co_name, constant.co_code.hex(), constant.co_consts)

# Read or not, each runs and counts.
print(jitted([1, 5, 9]), jitted([2]))
nothing()
print(outer(3)())

# Taken from it before it ran, put into it after.
consts = half.__code__.co_consts
print(half(4), half(6))
changed = tuple(5 if c == 2 else c for c in consts)
again = half.__code__.replace(co_consts=changed)
print(types.FunctionType(again, globals())(10))

# Once it runs its places are those of the code that runs.
def fails(n):
    if n == 0:  # hits: 3
        return 1 // n  # hits: 1
    return fails(n - 1)  # hits: 2


try:
    fails(2)
except ZeroDivisionError as error:
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    places = list(fails.__code__.co_positions())
    print(places[trace.tb_lasti // 2])
    code = trace.tb_frame.f_code
    print(code is fails.__code__)
