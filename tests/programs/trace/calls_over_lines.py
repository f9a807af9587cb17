"""Expressions over several lines: calls, strings, asserts, augmented."""


def join(*parts, sep=" "):
    return sep.join(
        str(part)
        for part in parts
    )


def grow(n):
    text = ""
    for i in range(n):
        text = (
            text
            + str(i)
        )
    total = 0
    total += (
        len(text) +
        n
    )
    assert total, (
        "never"
    )
    return text, \
        total


print(join(
    join("a",
         "b"),
    join(
        1, 2,
        sep="-",
    ),
    f"{len('x')}"
    f"{grow(3)}",
), """a string
over lines""")
try:
    assert (
        False
    ), join(
        "so", "it", "fails")
except AssertionError as error:
    print(error)
del (
    join,
    grow
)
