"""Methods that syntax, builtins and C code call."""
import bisect
import functools
import heapq
import json
import re
class K:
    def __init__(self, v): self.v = v
    def __lt__(self, o):
        return self.v < o.v
    def __hash__(self): return hash(self.v)
    def __eq__(self, o): return self.v == o.v
    def __getattr__(self, name):
        if name.startswith("x"): return name
        raise AttributeError(name)
    def __call__(self, m): return m.group().upper()
    def __len__(self): return self.v
    def __bool__(self): return self.v > 1
    def __contains__(self, x): return x == self.v
    def __getitem__(self, i):
        if i > 2: raise IndexError
        return i
    def __enter__(self): return self
    def __exit__(self, *a): pass
    def __add__(self, o): return K(self.v + (o if isinstance(o, int) else o.v))
    __radd__ = __add__
    def __format__(self, spec): return f"<{self.v}{spec}>"
    def __del__(self): dead.append(self.v)
dead = []
ks = [K(3), K(1), K(2)]
print([k.v for k in sorted(ks)], max(ks).v, len({K(1), K(1)}),
      re.sub("a.", ks[0], "abacad"))
print(list(ks[0]), 2 in ks[0], ks[0].xyz, getattr(ks[0], "nope", None),
      bool(ks[1]), f"{ks[0]:q}", sum(ks).v)
heapq.heapify(ks); print(heapq.heappop(ks).v, bisect.bisect(ks, K(2)))
print(json.dumps({"a": [1, K]}, default=lambda o: o.__name__),
      json.loads("[1.5]", parse_float=lambda s: s))
del ks; print(sorted(dead)[:2])
key = functools.cmp_to_key(lambda a, b: a - b)
print(key(1) < key(2))
print(sorted(range(5), key=functools.cmp_to_key(lambda a, b:
    b - a)))
print(list(map(K.__len__, [K(1)])),
      list(iter(functools.partial(next, iter([1, 2, 0])), 0)))
class Seq:
    def __getitem__(self, i): return [1, 2, 3][i]
a, b, c = Seq(); print(a, b, c)
