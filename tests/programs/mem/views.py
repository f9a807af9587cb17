"""Views of buffers, mapped memory, and bytes cut out of them."""
import array
import mmap

base = bytearray(50000)
views = [memoryview(base)[n:n + 100] for n in range(0, 20000, 50)]
squares = [view.cast("B", (10, 10)) for view in views[:100]]
lists = [square.tolist() for square in squares]
copies = [view.tobytes() for view in views]
for square in squares:
    square.release()
doubles = memoryview(array.array("d", range(500)))
tails = [doubles[n:] for n in range(200)]
mapped = mmap.mmap(-1, 1 << 16)
mapped[:10] = b"0123456789"
window = memoryview(mapped)
parts = [bytes(window[n:n + 9]) for n in range(300)]
window.release()
mapped.close()
blocks = [bytes(range(256)) * n for n in range(50)]
pieces = b"".join(blocks).split(b"\xff")
