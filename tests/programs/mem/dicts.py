"""Many small objects in dicts, half of them thrown away again."""

table = {}
for number in range(20000):
    table["key %d" % number] = (number, [number], {"n": number})
for number in range(0, 20000, 2):
    del table["key %d" % number]
sums = {key: sum(value[1]) for key, value in table.items()}
