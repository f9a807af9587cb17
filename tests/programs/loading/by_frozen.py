"""A frozen module and one that only exists in memory."""
import importlib.machinery
import sys
import types

stdout, sys.stdout = sys.stdout, None
import __phello__
sys.stdout = stdout
print(type(__phello__.__spec__.loader) is type, __phello__.__path__)
module = types.ModuleType("memory")
exec("def f(n):\n    return n or 2\nprint(f(0), f(1))\n", module.__dict__)
print(module.f(3))
print(importlib.machinery.FrozenImporter.get_code(
    "__phello__.spam").co_filename)
