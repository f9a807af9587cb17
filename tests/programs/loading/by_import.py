"""The import statement, in a function and again after a reload."""
import importlib


def late():
    import part
    return part


assert late() is importlib.import_module("part")
importlib.reload(late())
print(late().total([1, 2]))
