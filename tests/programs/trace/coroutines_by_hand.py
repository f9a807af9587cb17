"""Coroutines and asynchronous generators, driven without a loop's clock."""
import asyncio


class Step:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        got = yield self.value
        return got


class Guard:
    async def __aenter__(self):
        await Step("enter")
        return self

    async def __aexit__(self, *exc):
        await Step("leave")
        return exc[0] is KeyError


async def numbers(n):
    for i in range(n):
        await Step(i)
        yield i


async def consume():
    total = 0
    async for number in numbers(3):
        total += number
    async with Guard():
        total += await Step("inside")
    async with Guard():
        raise KeyError("swallowed")
    squares = [n * n async for n in numbers(2)]
    return total, squares


def drive(coroutine):
    seen = []
    try:
        while True:
            seen.append(coroutine.send(None if not seen else 5))
    except StopIteration as stop:
        return seen, stop.value


async def child(n):
    await asyncio.sleep(0)
    return n


async def parent():
    return await asyncio.gather(child(1), child(2))


print(drive(consume()))
print(asyncio.run(parent()))
