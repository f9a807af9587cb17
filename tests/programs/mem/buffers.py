"""Big buffers, beyond what pymalloc takes for itself."""

kept = []
for turn in range(60):
    big = bytearray(100_000 + turn * 1000)
    view = memoryview(big)[10:20]
    if turn % 3 == 0:
        kept.append((big, view))
    del big, view
zeros = bytes(3_000_000)
copy = zeros + b"1"
del zeros
