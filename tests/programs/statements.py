"""Statements over several lines, constants folded away, loops with else."""
from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import decimal
if __debug__:
    debugging = True
if 0:
    print("folded away")
while 1:
    break
"a string that is no docstring"
12345
...

total = (1 +
         2 +
         len("three"))
text = """several
lines
""" + """and
more"""
joined = "one " \
         "two " \
         f"{total}"
table = {
    "a": 1,
    "b": [
        2,
        len(text),
    ],
    **{"c":
       3},
}


def spread(
    first,
    *others,
    keyword=len(
        "default"
    ),
    **options,
) -> decimal.Decimal:
    """Say what came.

    In several lines.
    """
    result = max(
        first,
        *others,
        keyword,
    )
    for name in options: result += options[
        name]
    return (
        result
    )


def search(items, wanted):
    index = 0
    while index < len(items):
        if items[index] == wanted:
            break
        index += 1
    else:
        return -1
    return index


print(spread(
    1,
    2,
    extra=5,
))
for n in range(10):
    if n == 2: continue
    if n > 5:
        break
    for m in range(n):
        if (m
                and n):
            pass
        elif m > 100:
            raise AssertionError
    else:
        n = n
else:
    print("never")
print(search("abc", "c"), search("abc", "x"), joined, table)
value = (lambda: 3)() if total else \
    None
del (table["a"],
     table["b"])
x: int = 3
y: int
a = b = c = [x,
             x]
a[0], (b[1],
       *rest) = 1, (2, 3, 4)
x += (1 if rest
      else 2)
assert (x and
        total), "message"
print(1 < x
      < 100 and
      not rest ==
      [])
