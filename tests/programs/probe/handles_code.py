"""Code objects in a program's own hands: replaced, copied, kept, sent."""
import copy
import gc
import pickle
import types
import weakref


def f(n):
    if n:  # hits: 9
        return n + 1  # hits: 8
    return 0  # hits: 1


def g(n):
    return n * 100


def shared():
    total = 0  # hits: 2
    for i in range(3):  # hits: 8
        total += i  # hits: 6
    return total  # hits: 2


print(f(0), f(1))
print(pickle.loads(pickle.dumps(f)) is f, copy.copy(f) is f)
again = types.FunctionType(f.__code__, globals())
print(again(2))
renamed = f.__code__.replace(co_name="other")
print(types.FunctionType(renamed, globals())(3), renamed == f.__code__)
print(hash(f.__code__) == hash(f.__code__), f.__code__ == again.__code__)
kept = f.__code__
f.__code__ = g.__code__
print(f(5))
f.__code__ = kept
print(f(5), f(6), f(7))
namespace = {}
module = types.ModuleType("gone")
exec(compile("\n" * 99 + "def outlives(n):\n    return n or None\n", __file__,
             "exec"), module.__dict__)
outlives = module.outlives
gone = weakref.ref(module)
del module
gc.collect()
print(gone(), outlives(1))
code = shared.__code__
shared()
del shared
gc.collect()
print(eval(code))
for _ in range(2):
    print(f(1))
