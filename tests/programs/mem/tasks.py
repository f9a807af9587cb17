"""Tasks of asyncio: gathered, queued, locked, and timed out."""
import asyncio
import contextvars

current = contextvars.ContextVar("current", default=0)
kept = []


async def child(number):
    current.set(number)
    await asyncio.sleep(0)
    kept.append("child %d" % current.get())
    return [number] * 3


async def items(count):
    for number in range(count):
        yield "item %d" % number
        await asyncio.sleep(0)


async def produce(queue):
    for number in range(300):
        await queue.put(["message", number])
    await queue.put(None)


async def consume(queue):
    while (message := await queue.get()) is not None:
        kept.append(message)


async def main():
    kept.extend(await asyncio.gather(*(child(n) for n in range(200))))
    kept.append([item async for item in items(100)])
    queue = asyncio.Queue(5)
    await asyncio.gather(produce(queue), consume(queue))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(child(n)) for n in range(50)]
    kept.append([task.result() for task in tasks])
    waiting = asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    waiting.cancel()


asyncio.run(main())
