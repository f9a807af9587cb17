"""Comprehensions: nested, over lines, with conditions and calls."""


def even(n):
    return n % 2 == 0


def table(rows, columns):
    return [[r * c for c in range(columns)] for r in range(rows)]


def over_lines(n):
    return {
        key: value
        for key in range(n)
        if even(key)
        for value in (
            key + 1,
        )
    }


def lazy(n):
    return (
        x
        for x in range(n)
        if not even(x)
    )


class Holder:
    names = [name for name in ("a", "b")]
    sizes = {len(name) for name in names}


print(table(2, 3), over_lines(5), list(lazy(6)), Holder.names, Holder.sizes)
print(any(even(x) for x in (1, 2, 3)), [y for x in [[1], [2, 3]] for y in x])
print([(lambda: i)() for i in range(2)], {x: x for x in range(3)})
