# SPDX-License-Identifier: MIT
"""Times and memory of pytrace.tracemalloc at many live blocks.

    snapshots.py [BLOCKS]      PYTHONPATH must lead to the package
"""
import sys
import time

import pytrace.tracemalloc as tracemalloc


def fill(kept, depth, count):
    """Blocks of many sizes from many lines and stacks."""
    if depth:
        fill(kept, depth - 1, count // 2)
        fill(kept, depth - 1, count - count // 2)
        return
    for number in range(count // 4):
        kept.append(b"x" * (number % 40))
        kept.append(number + 1000000)
        kept.append([number])
        kept.append("%d" % number)


def timed(label, function, times=5):
    best = None
    for _ in range(times):
        start = time.perf_counter()
        result = function()
        spent = time.perf_counter() - start
        best = spent if best is None else min(best, spent)
    print(f"{label:<34} {best * 1000:10.2f} ms")
    return result


def main():
    blocks = int(sys.argv[1]) if sys.argv[1:] else 1000000
    tracemalloc.start(25)
    kept = []
    fill(kept, 8, blocks)
    first = timed("take_snapshot", tracemalloc.take_snapshot)
    live = len(first._counters())
    fill(kept, 4, blocks // 100)
    second = tracemalloc.take_snapshot()
    timed("statistics('lineno')", lambda: first.statistics("lineno"))
    timed("statistics('traceback')", lambda: first.statistics("traceback"))
    timed("statistics('lineno', cumulative)",
          lambda: first.statistics("lineno", True))
    timed("compare_to('lineno')", lambda: second.compare_to(first, "lineno"))
    timed("compare_to('traceback')",
          lambda: second.compare_to(first, "traceback"))
    timed("filter_traces", lambda: first.filter_traces(
        [tracemalloc.Filter(True, __file__)]))
    timed("len(traces)", lambda: len(first.filter_traces([]).traces), 1)
    own = tracemalloc.get_tracemalloc_memory()
    print(f"{live} blocks, {len(first._counters().rows())} rows, "
          f"{own / live:.1f} bytes of the tool's a block")


if __name__ == "__main__":
    main()
