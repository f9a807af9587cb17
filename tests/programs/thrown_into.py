"""Generators and coroutines that are left, and entered, by exceptions."""
import asyncio
import contextlib
import os
import signal


class Empty:
    def __iter__(self): return self
    def __next__(self): raise StopIteration


class Swallows:
    def __enter__(self): return self
    def __exit__(self, *raised): return True


def inner():
    try:
        yield 1
    except KeyError:
        return 7
    finally:
        print("inner ends")


def outer():
    yield from Empty()
    try:
        got = yield from inner()
        print("got", got)
    except IndexError: print("index")
    yield 3


def throw(raised, begins=True):
    generator = outer()
    if begins:
        next(generator)
    try:
        print(generator.throw(raised))
    except (ValueError, IndexError) as error:
        print(type(error).__name__)
    generator.close()


def enclosing():
    value = 1

    def within():
        yield value
    return within()


async def pieces():
    try:
        yield 1
        yield 2
    finally:
        await asyncio.sleep(0)
        print("pieces end")


async def never(): pass


async def fails():
    raise ValueError


async def main():
    part = pieces()
    await part.__anext__()
    await part.aclose()
    part = pieces()
    await part.asend(None)
    try:
        await part.athrow(KeyError)
    except KeyError:
        print("key")
    never().close()
    try:
        async with asyncio.timeout(0):
            await asyncio.sleep(10)
    except TimeoutError:
        print("timeout")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
    except* ValueError:
        print("group")


def raise_again():
    try:
        try:
            with Swallows(): raise KeyError
            with contextlib.suppress(IndexError): raise ValueError
        finally: print("finally")
    except ValueError as error: print(error)
    for i in (1, 2): print(i)
    while i < 4: i += 1
    return [i
            for i in range(2)]


def on_signal(number, frame):
    raise KeyboardInterrupt


throw(KeyError)
throw(ValueError)
throw(IndexError)
throw(IndexError, begins=False)
closure = enclosing(); closure.close()
closure = enclosing(); next(closure); del closure
print(list((lambda: (yield))()))
asyncio.run(main())
raise_again()
signal.signal(signal.SIGUSR1, on_signal)
try:
    os.kill(os.getpid(), signal.SIGUSR1)
    print("not here")
except KeyboardInterrupt:
    print("interrupted")
