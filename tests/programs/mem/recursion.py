"""Deep recursion: a block kept at each depth, of several branches."""
import sys

sys.setrecursionlimit(5000)
kept = []


def down(depth):
    kept.append("depth %d" % depth)
    if depth:
        down(depth - 1)
        kept.append([depth])


for _ in range(5):
    down(900)


def tree(depth):
    if depth == 0:
        return ["leaf %d" % len(kept)]
    return [tree(depth - 1), tree(depth - 1)]


forest = tree(10)
