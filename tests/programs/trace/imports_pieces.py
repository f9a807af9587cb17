"""A program with modules of its own: a package, a relative import, a loop."""
import importlib

import _pieces
from _pieces import _left as left
from _pieces._right import Right

print(_pieces.NAMES, left.add(1, 2), Right().call(3))
print(importlib.reload(left).add(2, 2))


def late():
    from _pieces._late import value
    return value


print(late(), late())
