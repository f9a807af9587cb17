"""Recursion, mutual and deep, through builtins and callbacks."""
import functools


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


@functools.lru_cache(maxsize=None)
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def walk(tree):
    if isinstance(tree, list):
        return sum(map(walk, tree))
    return tree


class Node:
    def __init__(self, depth):
        self.child = Node(depth - 1) if depth else None

    def depth(self):
        return 1 + self.child.depth() if self.child else 0

    def __lt__(self, other):
        return self.depth() < other.depth()


print(is_even(10), is_odd(7), fib(15), walk([1, [2, [3, [4]]]]))
print(Node(5).depth(), [n.depth() for n in sorted([Node(3), Node(1)])])
