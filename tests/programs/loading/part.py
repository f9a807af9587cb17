"""Loaded in many ways; prints where it thinks it is."""
from collections import namedtuple
from dataclasses import dataclass

Pair = namedtuple("Pair", "a b")


@dataclass
class Point:
    x: int
    y: int = 0

    def moved(self, by=lambda n: n + 1):
        return Point(by(self.x), by(self.y))


def total(numbers):
    result = 0
    for number in numbers:
        try:
            if number % 2:
                raise ValueError(number)
            result += number
        except ValueError:
            result -= 1
    return result


print(total(range(7)), Pair(1, 2), Point(3).moved(), len(__name__))
