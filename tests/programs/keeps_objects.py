"""Instances, closures, generators, threads, exceptions that hold frames."""
import threading


class Node:
    def __init__(self, value, parent=None):
        self.value = value
        self.parent = parent
        self.children = []


class Slim:
    __slots__ = "x", "y"

    def __init__(self, x, y):
        self.x = x
        self.y = y


def tree(depth, parent=None):
    node = Node(bytes(40), parent)
    if depth:
        for _ in range(3):
            node.children.append(tree(depth - 1, node))
    return node


def produce(n):
    held = bytearray(5000)
    while n:
        yield held
        n -= 1


def fail(depth):
    held = bytearray(3000)
    if depth == 0:
        raise ValueError(held)
    fail(depth - 1)


def work(results, index):
    results[index] = ["result %d" % n for n in range(500)]


root = tree(5)
slim = [Slim(bytes(50), None) for _ in range(300)]
waiting = [produce(3) for _ in range(20)]
for generator in waiting:
    next(generator)
try:
    fail(5)
except ValueError as error:
    held_error = error
makers = [(lambda size: lambda: bytes(size))(n) for n in range(100)]
results = {}
threads = [threading.Thread(target=work, args=(results, index))
           for index in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
del threads, thread
cycle = []
cycle.append(cycle)
del cycle
