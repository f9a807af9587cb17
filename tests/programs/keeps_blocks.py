"""Keeps blocks whose sizes are known; nothing here comes off a free list."""


def keep(count, size):
    kept = bytearray()
    for _ in range(count):
        kept += bytes(size)
    return kept


def waste(count):
    for _ in range(count):
        bytearray(4096)


large = bytearray(1 << 20)
waste(500)
many = keep(100, 300)
few = keep(10, 5000)
shrunk = bytearray(1 << 18)
del shrunk[1000:]
text = "é" * 10000
line = "line " * 1000
gone = keep(200, 700)
gone = None
names = set("name%d" % i for i in range(1000))
table = frozenset(range(1000, 3000))
raw = memoryview(bytes(9000))
big = 1 << 80000
