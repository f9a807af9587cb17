"""Keeps blocks whose sizes are known; nothing here comes off a free list."""


def keep(count, size):
    kept = []
    for i in range(count):
        kept.append(bytes(size))
    return kept


def waste(count):
    for i in range(count):
        bytearray(4096)


large = bytearray(1 << 20)
many = keep(1000, 300)
few = keep(10, 5000)
waste(500)
grown = bytearray()
for size in range(0, 20000, 100):
    grown.extend(b"x" * 100)
shrunk = bytearray(1 << 18)
del shrunk[1000:]
text = "é" * 10000
names = {("name%d" % i): i + 1000 for i in range(500)}
names.clear()
lines = ["line %d" % i for i in range(2000)]
gone = keep(200, 700)
gone = None
table = set(range(1000, 3000))
first = tuple(range(2000, 3000))
second = list(map(str, first))
third = [[n] for n in first]
fourth = {n: (n, n) for n in first}
