"""Weak references, finalizers and cycles, with the collector's help."""
import gc
import weakref


class Node:
    def __init__(self, number):
        self.number = number
        self.peer = None
        self.data = [number] * 5


references, deaths = [], []
for number in range(1000):
    one, other = Node(number), Node(-number)
    one.peer, other.peer = other, one
    references.append(weakref.ref(
        one, lambda _, number=number: deaths.append(number)))
    weakref.finalize(other, deaths.append, -number)
    if number % 200 == 0:
        gc.collect()
kept = [Node(number) for number in range(500)]
values = weakref.WeakValueDictionary(enumerate(kept))
keys = weakref.WeakKeyDictionary((node, node.number) for node in kept)
nodes = weakref.WeakSet(kept)
del kept[::2], one, other
gc.collect()
proxies = [weakref.proxy(node) for node in kept]
calls = []
gc.callbacks.append(lambda phase, info: calls.append([phase] * 20))
gc.collect()
gc.callbacks.clear()
