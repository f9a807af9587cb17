"""Functions whose code is sent by value, constant by constant."""
import pickle
import types


def collatz(n):
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


def numbers(n):
    if n > 2:
        return -7
    total = 10 ** 30
    for i in range(n):
        total += 2 ** 70 if i else i - 0x100
    return total, True + 1, total % 1000


def fails(n):
    try:
        return 6 // n
    except ZeroDivisionError:
        return 0


def by_value(function):
    code = function.__code__
    constants = tuple(pickle.loads(pickle.dumps(constant))
                      for constant in code.co_consts)
    return types.FunctionType(code.replace(co_consts=constants), globals())


for _ in range(2):
    for function in collatz, numbers, fails:
        here = [function(n) for n in range(1, 12)]
        print(here == [by_value(function)(n) for n in range(1, 12)], here)
print(fails(0), by_value(fails)(0))
