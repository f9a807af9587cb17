"""Buffers, arrays and lists that grow and shrink step by step."""
import array
import io
import struct

numbers = array.array("i")
for number in range(20000):
    numbers.append(number)
for _ in range(15000):
    numbers.pop()
numbers = numbers * 3
buffer = bytearray()
for number in range(300):
    buffer.extend(b"z" * number)
    if number % 7 == 0:
        del buffer[:number // 2]
del buffer[100:]
packed = [struct.pack("%dI" % n, *range(n)) for n in range(200)]
unpacked = [struct.unpack("%dI" % n, one) for n, one in enumerate(packed)]
stream = io.BytesIO()
for number in range(3000):
    stream.write(b"ab" * (number % 17))
stream.truncate(5000)
lines = io.StringIO("".join("line %d\n" % n for n in range(2000))).readlines()
things = []
for number in range(10000):
    things.append(number)
del things[:9000]
things[10:20] = range(500)
