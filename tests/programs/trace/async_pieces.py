"""Tasks, asynchronous loops, comprehensions and managers, cancelled ones."""
import asyncio
import contextlib
import gc

# Whether a loop that is garbage is closed before the end is else a matter of
# how much the tracer allocates.
gc.disable()


async def count(limit):
    for n in range(limit):
        await asyncio.sleep(0)
        yield n


@contextlib.asynccontextmanager
async def opened(name, log):
    log.append("open " + name)
    try:
        yield name
    finally:
        await asyncio.sleep(0)
        log.append("close " + name)


async def squares(limit):
    return [n * n async for n in count(limit) if n % 2]


async def waits(log):
    try:
        await asyncio.sleep(1000)
    except asyncio.CancelledError:
        log.append("cancelled")
        raise
    finally:
        log.append("left")


async def fails(after):
    for _ in range(after):
        await asyncio.sleep(0)
    raise ValueError(after)


async def main():
    log = []
    async with opened("a", log) as a, opened("b", log) as b:
        print(a, b, await squares(6), {n async for n in count(3)})
    task = asyncio.ensure_future(waits(log))
    await asyncio.sleep(0)
    task.cancel()
    results = await asyncio.gather(task, fails(2), squares(4),
                                   return_exceptions=True)
    print([type(result).__name__ for result in results], log)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails(1))
            group.create_task(fails(3))
    except* ValueError as caught:
        print(sorted(error.args for error in caught.exceptions))
    partly = count(5)
    async for n in partly:
        if n == 2: break
    else:
        print("never")
    await partly.aclose()


asyncio.run(main())
