"""Coroutines, tasks, asynchronous generators, comprehensions and contexts."""
import asyncio


class Gate:
    def __init__(self, width):
        self.free = width

    async def __aenter__(self):
        while not self.free:
            await asyncio.sleep(0)
        self.free -= 1
        return self

    async def __aexit__(self, *details):
        self.free += 1


class Ticks:
    def __init__(self, count):
        self.count = count

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.count:
            raise StopAsyncIteration
        self.count -= 1
        await asyncio.sleep(0)
        return self.count


async def squares(limit):
    for number in range(limit):
        await asyncio.sleep(0)
        yield number * number


async def fetch(gate, name):
    async with gate:
        await asyncio.sleep(0)
        if name == "bad":
            raise ValueError(name)
        return name.upper()


async def stuck():
    try:
        await asyncio.Event().wait()
    finally:
        print("let go")


async def main():
    gate = Gate(2)
    answers = await asyncio.gather(
        *(fetch(gate, name) for name in ("a", "b", "bad", "c")),
        return_exceptions=True)
    print(answers)
    print([tick async for tick in Ticks(4)])
    print({square async for square in squares(5) if square % 2 == 0})
    async for square in squares(10):
        if square > 10:
            break
    else:
        print("never")
    task = asyncio.create_task(stuck())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")
    async with asyncio.TaskGroup() as group:
        for name in "xyz":
            group.create_task(fetch(gate, name))
    try:
        await asyncio.wait_for(stuck(), 0.01)
    except TimeoutError:
        print("timed out")


asyncio.run(main())
