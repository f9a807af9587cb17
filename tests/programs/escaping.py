"""Exceptions that leave the frame, from every line there is."""


class Boom(Exception):
    pass


def fuse(here, burns):
    if here == burns:
        raise Boom(here)
    return here


def straight(burns):
    first = fuse(0, burns)
    second = fuse(1, burns)
    third = [fuse(2, burns),
             fuse(3, burns),
             fuse(4, burns)]
    return (first,
            second,
            third,
            fuse(5, burns))


def hopeless(burns):
    done = (7 <
            burns <
            5); raise Boom(done)


def branches(burns):
    total = 0
    for number in range(4):
        if fuse(number, burns):
            total += number
            fuse(number + 10, burns)
        elif burns < 0:
            total -= fuse(4, burns)
        fuse(number + 20, burns)
    while total > 0:
        total -= 2
        fuse(30 + total, burns)
    else:
        fuse(40, burns)
    return total


def guarded(burns):
    fuse(0, burns)
    try:
        fuse(1, burns)
        fuse(2, burns)
    except Boom as boom:
        if boom.args[0] == 2:
            raise
        fuse(3, burns)
    else:
        fuse(4, burns)
    finally:
        fuse(5, burns)
        fuse(6, burns)
    fuse(7, burns)


def renamed(burns):
    done = fuse(0, -1)
    try:
        fuse(1, burns)
        raise LookupError
    except Boom as boom: done = boom.args; fuse(done[0], 1)
    except LookupError as error: done = (
        fuse(2, burns) and
        fuse(3, burns))
    done = 1
    with Quiet():
        fuse(4, burns)
        try: fuse(5, burns)
        finally: fuse(6, burns); done = (
            fuse(7, burns))
        done = 2
    return done


class Quiet:
    def __enter__(self):
        pass

    def __exit__(self, kind, value, traceback):
        return fuse(8, value and value.args[0] + 3) == 0


def items(burns):
    for number in range(3):
        fuse(number, burns)
        yield fuse(number + 10, burns)
        fuse(number + 20, burns)
    fuse(30, burns)


def unbound(bound):
    if bound:
        second = 2
    first = 1
    second
    third = first
    return fuse(first,
                second), third


def deep(depth, burns):
    fuse(depth, burns)
    if depth:
        deep(depth - 1, burns)
    fuse(depth + 10, burns)


def body(burns):
    class Half:
        first = 1
        second = fuse(1, burns)

        def method(self):
            return self.second

        third = fuse(2, burns)
        fourth = third + 1

    return Half


async def waits(burns):
    fuse(0, burns)
    for number in range(2):
        fuse(number + 1, burns)
        await empty(number + 10, burns)
        fuse(number + 20, burns)


async def empty(number, burns):
    fuse(number, burns)


def drive(burns):
    try:
        waits(burns).send(None)
    except StopIteration:
        return 1


def attempt(function, *arguments):
    try:
        return function(*arguments)
    except (Boom, UnboundLocalError) as error:
        return error


for times in range(40):  # so that they are run as the interpreter likes best
    for burns in range(45):
        attempt(straight, burns)
        attempt(hopeless, burns)
        attempt(branches, burns)
        attempt(guarded, burns)
        attempt(renamed, burns)
        attempt(list, items(burns))
        attempt(deep, 3, burns)
        attempt(body, burns)
        attempt(drive, burns)
    attempt(unbound, times % 3)
for burns in -1, 99:
    attempt(branches, burns)
    attempt(guarded, burns)

stopped = items(99)
next(stopped)
attempt(stopped.throw, Boom)
stopped = items(99)
next(stopped)
stopped.close()

with open(__file__) as file:
    source = file.read()
if __name__ == "__main__":
    # What only has escapes is not rewritten once more.
    attempt(type(drive)(hopeless.__code__.replace(), globals()), 9)
    # The same again, from code objects that look just like these.
    code = compile(source, __file__, "exec")
    for _ in range(3):
        exec(code, {"__name__": "again", "__file__": __file__})
    twins = (lambda a: fuse(a, 1), lambda a: fuse(a, 2))
    print([attempt(twin, 1) for twin in twins])
