# SPDX-License-Identifier: MIT
"""Stacks that are deeper than what is kept of them, going up and down."""
import json
import unittest

from test_tracemalloc_exact import run_code

# Down 2,500 frames and up again, each time from below another number of
# generators, whose frames do not lie among the others: so functions' frames
# are at the same addresses, with more or fewer frames outward of them. The
# first times nothing is allocated on the way, by which that would be noticed;
# then blocks are kept on the way up, and code dies there, so that what is
# known by address is forgotten. Each block is known by its size.
WALK = """
    import importlib, itertools, json, sys
    tracer = importlib.import_module(sys.argv[1])
    sys.setrecursionlimit(20000)
    kept, code = [], ""

    def keep():
        for _ in range(3):
            kept.append(bytes(100_000 + len(kept)))
            if code:
                eval(code)

    def down():
        if next(steps):
            down()
            if next(ticks):
                keep()
        else:
            keep()

    def below(generators):
        if generators:
            yield from below(generators - 1)
        else:
            yield
            yield down()

    steps = itertools.cycle([True] * 2500 + [False])
    walks = [below(generators) for generators in (0, 1, 3, 3, 2, 9, 0, 1)]
    again = [below(generators) for generators in (0, 1, 3, 3, 2, 9, 0, 1)]
    for walk in walks + again:
        next(walk)
    tracer.start(40)
    ticks = itertools.repeat(False)
    for walk in walks:
        next(walk)
    ticks = itertools.cycle([False] * 499 + [True])
    for walk in again:
        next(walk)
        code = "[1, 2, 3]"
    found = {trace.size: (trace.traceback.total_nframe,
                          [frame.lineno for frame in trace.traceback])
             for trace in tracer.take_snapshot().traces
             if 100_000 < trace.size < 101_000}
    assert len(found) == len(kept) == 8 * 3 + 8 * 6 * 3
    print(json.dumps(found, sort_keys=True))
    """


class Deep(unittest.TestCase):
    def test_as_the_standard_module(self):
        standard, ours = [json.loads(run_code(WALK, module)) for module in (
            "tracemalloc", "pytrace.tracemalloc")]
        self.assertGreater(max(total for total, _ in ours.values()), 2500)
        self.assertEqual(ours, standard)


if __name__ == "__main__":
    unittest.main()
