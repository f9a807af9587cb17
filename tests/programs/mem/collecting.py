"""Cycles, gc callbacks that allocate, and freezing."""
import gc

seen = []


def on_collect(phase, info):
    seen.append((phase, dict(info)))


gc.callbacks.append(on_collect)


class Node:
    def __init__(self):
        self.me = self
        self.data = [1.5] * 10


kept = []
for turn in range(2000):
    node = Node()
    if turn % 10 == 0:
        kept.append(node)
del node
gc.collect()
gc.callbacks.remove(on_collect)
