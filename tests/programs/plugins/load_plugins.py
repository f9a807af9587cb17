"""Code from files run with exec, runpy, importlib and under false names."""
import importlib.util
import os
import runpy
import sys
import types

here = os.path.dirname(os.path.abspath(__file__))


def load(name):
    path = os.path.join(here, "parts", name + ".py")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def execute(name):
    path = os.path.join(here, "parts", name + ".py")
    with open(path, encoding="utf-8") as file:
        code = compile(file.read(), path, "exec")
    space = {"__name__": name, "__file__": path}
    for _ in range(3):
        exec(code, space)
    return space


print(load("greet").greet("you"))
print(execute("table")["rows"])
print(runpy.run_path(os.path.join(here, "parts", "table.py"))["rows"])
print(eval("sum(n * n\n    for n in range(4))"))
space = {}
exec("def generated(n):\n    return n + 1\n", space)
print(space["generated"](4))
made = types.ModuleType("made")
exec(compile("answer = [n for n in range(3)]", "<made>", "exec"),
     made.__dict__)
print(made.answer)
again = load("greet")
print(again.greet("again"), again.greet.__code__.co_firstlineno)
sys.path.insert(0, os.path.join(here, "parts"))
import late_part
print(late_part.value)
