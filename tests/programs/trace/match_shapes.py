"""The match statement: every kind of pattern, guards, no match."""
from collections import namedtuple

Point = namedtuple("Point", "x y")


def describe(thing):
    match thing:
        case 0:
            return "zero"
        case int() | float() if thing < 0:
            return "negative"
        case str(text) if text.startswith("a"):
            return f"a-word {text}"
        case Point(x=0, y=y):
            return f"on the axis at {y}"
        case Point(x, y) if x == y: return "diagonal"
        case [first, *rest]:
            return f"{first} and {len(rest)} more"
        case {"kind": kind, **others}:
            return f"{kind} with {sorted(others)}"
        case None | True:
            return "constant"
        case _:
            return "else"


for thing in (0, -2, 5, "apple", "pear", Point(0, 3), Point(2, 2),
              [1, 2, 3], {"kind": "x", "y": 1}, None, True):
    print(describe(thing))
