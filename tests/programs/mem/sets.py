"""Sets and frozensets that grow, meet and shrink."""

sets = []
for turn in range(60):
    items = set(range(turn, turn + 400, 3))
    items |= {"text %d" % turn}
    items -= set(range(0, 100))
    sets.append(items)
common = sets[0].intersection(*sets[1:3])
frozen = {frozenset(items) for items in sets[::4]}
for items in sets[::2]:
    items.clear()
