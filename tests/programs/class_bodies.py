"""Class bodies with code in them, descriptors, metaclasses, dataclasses."""
import enum
import functools
from collections import namedtuple
from dataclasses import dataclass, field
from typing import NamedTuple


class Meta(type):
    def __new__(cls, name, bases, space, **options):
        made = super().__new__(cls, name, bases, space)
        made.options = options
        return made

    def __call__(cls, *arguments):
        instance = super().__call__(*arguments)
        return instance


class Base(metaclass=Meta, colour="red"):
    """A docstring
    of two lines."""

    registry = {}
    for number in range(3):
        registry[number] = number * 2
    if registry[1] > 5:
        never = True
    else:
        never = False
    del number

    def __init_subclass__(cls, **options):
        super().__init_subclass__()
        Base.registry[cls.__name__] = cls

    @property
    def size(self):
        return len(self.registry)

    @size.setter
    def size(self, value):
        self.registry["size"] = value

    @staticmethod
    def plain(): return "plain"

    @classmethod
    def named(cls):
        return cls.__name__

    @functools.cached_property
    def cached(self):
        return self.size * 10


class Derived(Base):
    class Inner:
        depth = 2

        def answer(self):
            return self.depth

    inner = Inner()
    result = inner.answer()


class Colour(enum.Enum):
    RED = 1
    GREEN = 2

    def __str__(self):
        return self.name.lower()


class Pair(NamedTuple):
    left: int
    right: int = 0

    def total(self):
        return self.left + self.right


@dataclass(order=True)
class Item:
    weight: float
    tags: list = field(
        default_factory=lambda: ["new"],
        compare=False,
    )

    def __post_init__(self):
        self.weight *= 2


Plain = namedtuple("Plain", "a b")
thing = Derived()
thing.size = 4
print(thing.size, thing.plain(), Derived.named(), thing.cached, thing.cached)
print(Derived.options, Derived.result, [str(colour) for colour in Colour])
print(Pair(2).total(), sorted([Item(3), Item(1)]), Plain(1, 2))
