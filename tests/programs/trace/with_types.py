"""Annotations, globals, star-arguments, walrus, unpacking, slices."""
from __future__ import annotations

import dataclasses

count: int = 0


@dataclasses.dataclass(order=True)
class Item:
    name: str
    price: float = 1.5
    tags: list[str] = dataclasses.field(default_factory=list)

    def cost(self, n: int = 1, /, *, off: float = 0.0) -> float:
        return self.price * n - off


def bump(by: int = 1) -> int:
    global count
    count += by
    return count


def closure():
    seen = 0

    def inner(*args, **kwargs):
        nonlocal seen
        seen += len(args) + len(kwargs)
        return seen
    return inner


inner = closure()
first, *rest, last = range(5)
while (n := bump()) < 4:
    inner(n, *rest, key=n)
print(inner(), first, last, rest[::-1], Item("a").cost(2, off=1))
print(sorted([Item("b"), Item("a", 2.0)])[0].name, f"{count!r:>4}")
