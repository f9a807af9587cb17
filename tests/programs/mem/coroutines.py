"""Coroutines that hold buffers across awaits."""


class Pause:
    def __await__(self):
        yield


async def hold(size):
    block = bytearray(size)
    await Pause()
    text = "held %d" % len(block)
    await Pause()
    return text


running = []
results = []
for size in range(1, 800):
    coroutine = hold(size * 10)
    coroutine.send(None)
    running.append(coroutine)
for coroutine in running[::2]:
    coroutine.send(None)
    try:
        coroutine.send(None)
    except StopIteration as stop:
        results.append(stop.value)
