"""Tasks, groups of them and of exceptions, asynchronous generators."""
import asyncio
import contextlib
import gc

# What dies in a collection dies at a moment that the tracer has a part in.
gc.disable()


class Bus:
    def __init__(self): self.log = []
    async def __aenter__(self):
        await asyncio.sleep(0)
        return self
    async def __aexit__(self, *exc):
        self.log.append(exc[0] and exc[0].__name__)
        return exc[0] is KeyError

@contextlib.asynccontextmanager
async def around(n):
    try:
        yield n
    finally:
        await asyncio.sleep(0)

async def ticks(n):
    for i in range(n):
        try:
            yield i
        except GeneratorExit:
            print("closed at", i)
            raise
        finally:
            await asyncio.sleep(0)

async def work(name, n):
    total = 0
    async for i in ticks(n):
        if i == 3: continue
        total += i
    return (name, [x async for x in ticks(2)],
            {y: y async for y in ticks(2) if y}, total)

async def fails():
    await asyncio.sleep(0)
    raise KeyError("x")

async def main():
    async with Bus() as bus, around(2) as a:
        print(a)
        await fails()
    print(bus.log)
    out = await asyncio.gather(*(work(str(n), n) for n in range(4)),
                               return_exceptions=True)
    print(out)
    agen = ticks(5)
    async for v in agen:
        if v == 2:
            break
    await agen.aclose()
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(work("a", 2))
            tg.create_task(fails())
    except* KeyError as group:
        print("group", group.exceptions)
    t = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    t.cancel()
    try:
        await t
    except asyncio.CancelledError:
        print("cancelled")

asyncio.run(main())
