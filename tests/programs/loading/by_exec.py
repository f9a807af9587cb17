"""Code objects made and run by the program itself.

With __file__ among their globals, for `trace` counts no others.
"""
import builtins
import marshal
import os
import types

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "part.py")


def compiled():
    with open(PATH) as file:
        return compile(file.read(), PATH, "exec")


def functions(code):
    return {inner.co_name: inner for inner in code.co_consts
            if isinstance(inner, types.CodeType)}


def empty(numbers):
    pass


names = {"__name__": "executed", "__file__": PATH}
exec(compiled(), names)
print(eval(compiled(), {**names, "__name__": "evaluated"}), eval("1 + 1"))
run = exec
run(compiled(), names, names)
twice = compiled()
for _ in range(2):
    exec(twice, {**names, "__name__": "twice"})
by_hand = types.FunctionType(functions(compiled())["total"], dict(names))
print(by_hand([1, 2, 3]))
empty.__code__ = functions(marshal.loads(marshal.dumps(compiled())))["total"]
print(empty([1, 2]))
changed = functions(compiled())["total"].replace(co_name="changed")
print(types.FunctionType(code=changed, globals=names, name="f")([5]))
earlier, builtins.exec = builtins.exec, lambda code, *rest: earlier(
    code if isinstance(code, str) else code.replace(co_name="other"), *rest)
exec(compiled(), names)
builtins.exec = earlier
print(exec.__name__, exec.__module__, eval.__doc__ is not None, [
    type(function).__name__ for function in (exec, eval)])
try:
    eval(functions(compiled())["total"])
except TypeError as error:
    print(error)
for words in (), (1,), ("1", {}, {}, {}):
    try:
        eval(*words)
    except TypeError as error:
        print(error)
