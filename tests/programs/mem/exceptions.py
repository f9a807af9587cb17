"""Exceptions that are raised, chained and kept with their tracebacks."""

caught = []


def fail(depth):
    local = "local of %d" % depth
    if depth == 0:
        raise ValueError("at the bottom: " + local)
    try:
        fail(depth - 1)
    except ValueError as error:
        if depth % 4 == 0:
            raise ValueError("again at %d" % depth) from error
        raise


for turn in range(150):
    try:
        fail(turn % 20)
    except ValueError as error:
        if turn % 2:
            caught.append(error)
for turn in range(500):
    try:
        {}["missing %d" % turn]
    except KeyError:
        pass
