"""Lists, bytearrays and strings that grow and shrink: realloc."""

lists = [[] for _ in range(50)]
for turn in range(400):
    for items in lists:
        items.append("%d" % turn)
buffers = [bytearray() for _ in range(20)]
for buffer in buffers:
    for turn in range(300):
        buffer += b"0123456789" * 7
    del buffer[2000:]
text = ""
for turn in range(3000):
    text += "piece %d " % turn
for items in lists[::2]:
    del items[10:]
