"""Dictionaries of objects: shared keys, split, grown, shrunk and replaced."""


class Item:
    def __init__(self, number):
        self.number = number
        self.name = str(number)
        if number % 5 == 0:
            self.extra = [number]


items = [Item(number) for number in range(1500)]
for number, item in enumerate(items):
    if number % 7 == 0:
        item.__dict__["late %d" % number] = number
    if number % 11 == 0:
        del item.number
    if number % 13 == 0:
        item.__dict__ = {"fresh": number}
    if number % 17 == 0:
        vars(item).clear()
wide = []
for number in range(200):
    item = Item(1)
    for at in range(number % 40):
        setattr(item, "field%d" % at, at)
    wide.append(item)
grown = dict.fromkeys(range(9000))
for number in range(0, 9000, 2):
    del grown[number]
copied = grown.copy()
merged = copied | {"key %d" % number: {} for number in range(500)}
popped = [grown.popitem() for _ in range(500)]
copied.clear()
