"""Caches of functools, heaps, sorting by keys, iterators in a chain."""
import functools
import heapq
import itertools


@functools.lru_cache(maxsize=128)
def repeated(number, *, times=2):
    return [number] * times


@functools.cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


class Lazy:
    def __init__(self, size):
        self.size = size

    @functools.cached_property
    def content(self):
        return list(range(self.size))


results = [repeated(n % 200, times=n % 5) for n in range(2000)]
repeated.cache_clear()
largest = fibonacci(300)
contents = [Lazy(n).content for n in range(200)]
words = ["word %d" % (n * 7919 % 1000) for n in range(3000)]
by_length = sorted(words, key=lambda word: (len(word), word))
downward = sorted(range(3000), key=functools.cmp_to_key(lambda a, b: b - a))
heap = []
for number in range(2000):
    heapq.heappush(heap, (number * 7919 % 2003, str(number)))
smallest = [heapq.heappop(heap) for _ in range(900)]
groups = {key: list(each) for key, each in itertools.groupby(by_length, len)}
products = list(itertools.product("abc", repeat=6))
branches = itertools.tee(iter(range(2000)), 3)
ahead = [next(branches[0]) for _ in range(1500)]
