"""The match statement in its forms."""
from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int


def describe(thing):
    match thing:
        case 0 | 1:
            return "bit"
        case int(number) if number < 0:
            return f"negative {number}"
        case int() | float():
            return "number"
        case "":
            return "nothing"
        case str() as text:
            return text.upper()
        case Point(x=0, y=0):
            return "origin"
        case Point(x, y) if x == y:
            return "diagonal"
        case [Point(), *rest]:
            return f"point and {len(rest)}"
        case [first, (second, third)]:
            return (first,
                    second, third)
        case {"kind": "circle", "radius": radius, **others}:
            return radius, others
        case None:
            pass
        case _:
            return type(thing).__name__
    return "fell out"


for thing in (0, 7, -3, 2.5, "", "word", Point(0, 0), Point(2, 2),
              Point(1, 2), [Point(1, 1), 2, 3], [1, (2, 3)],
              {"kind": "circle", "radius": 3, "colour": "red"}, None, {}):
    print(describe(thing))

for command in "go north", "look", "take lamp now", "":
    match command.split():
        case ["go", ("north" | "south") as direction]:
            print(direction)
        case [verb]:
            print(verb)
        case [verb, *objects]: print(verb, objects)
        case []:
            continue
    print("done", command)
