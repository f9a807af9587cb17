"""Generators left half way, groups of exceptions, what `finally` changes."""
import asyncio


async def numbers():
    try:
        for number in range(3):
            try:
                got = yield number
            except ValueError as error:
                got = yield str(error)
            print("got", got)
    finally:
        await asyncio.sleep(0)
        print("closed")


async def asks():
    asked = numbers()
    print(await asked.asend(None), await asked.asend("x"))
    print(await asked.athrow(ValueError("thrown")))
    try:
        await asked.athrow(KeyError("out"))
    except KeyError as error:
        print("left by", error)
    asked = numbers()
    await anext(asked)
    await asked.aclose()
    print([at async for at in numbers() if (half := at / 2)], half)


def letters():
    try:
        yield "a"
        yield "b"
    finally:
        return "end"


def unbegun():
    yield 1


def thrown_at():
    for letter in letters():
        break
    at = letters()
    next(at)
    try:
        at.throw(OSError)
    except StopIteration as stop:
        print(letter, stop.value)
    unbegun().close()
    try:
        unbegun().throw(KeyError)
    except KeyError:
        print("not begun")


def groups(more):
    try:
        try:
            raise ExceptionGroup("group", [
                ValueError(1), ExceptionGroup("inner", [OSError(2), more])])
        except* ValueError as found:
            print("values", found.exceptions)
        except* (TypeError, OSError):
            print("types")
        else:
            print("never")
        finally:
            print("at last")
    except ExceptionGroup as rest:
        print(rest.exceptions)


def swallows():
    for number in range(3):
        try:
            continue
        finally:
            if number == 1:
                break
    while True:
        try:
            1 / 0
        finally:
            break
    try:
        return 1
    finally:
        return number


class Made:
    exec("def one(self):\n    return 1\n")

    class Inner:
        exec(compile("two = 2\n\nthree = two + 1\n", "<inner>", "exec"))


asyncio.run(asks())
thrown_at()
groups(TypeError(3))
groups(KeyError(4))
print(swallows(), Made().one(), Made.Inner.three)
