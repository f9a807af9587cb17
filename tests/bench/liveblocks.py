"""Does an allocation cost the same however many blocks live?

    PYTHONPATH=<build>/python python liveblocks.py [BLOCKS[xBYTES]...]

For each number of live blocks (of 48 bytes, or of so many), each in a process
of its own, untraced and traced: CPU time to make a block, to replace one at
random, and to free one, in nanoseconds with the loop around it; and bytes of
the tool's for each.
"""
import gc
import random
import subprocess
import sys
import time

REPLACED = 300000


def timed(function, times):
    start = time.process_time()
    function()
    return (time.process_time() - start) / times * 1e9


def measure(blocks, size, traced):
    content = size - sys.getsizeof(b"")
    kept = [None] * blocks
    order = [random.Random(1).randrange(blocks) for _ in range(REPLACED)]

    def make():
        for i in range(blocks):
            kept[i] = bytes(content)

    def replace():
        for i in order:
            kept[i] = bytes(content)

    gc.disable()
    if traced:
        import pytrace.tracemalloc as tracemalloc
        before = tracemalloc.get_tracemalloc_memory()
        tracemalloc.start(25)
    spent = [timed(make, blocks), timed(replace, REPLACED)]
    own = tracemalloc.get_tracemalloc_memory() - before if traced else 0
    spent.append(timed(kept.clear, blocks))
    print(*("%.1f" % one for one in spent), "%.1f" % (own / blocks))


def main():
    if sys.argv[1:2] == ["--one"]:
        measure(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "traced")
        return
    print("%10s %9s %9s %8s %8s %8s %8s" % (
        "blocks", "of", "", "make", "replace", "free", "bytes"))
    for words in sys.argv[1:] or ["100000", "1000000", "10000000"]:
        blocks, _, size = words.partition("x")
        for mode in "untraced", "traced":
            done = subprocess.run(
                [sys.executable, __file__, "--one", blocks, size or "48",
                 mode], stdout=subprocess.PIPE, text=True, check=True)
            print("%10s %9s %9s %8s %8s %8s %8s" % (
                blocks, size or "48", mode, *done.stdout.split()), flush=True)


if __name__ == "__main__":
    main()
