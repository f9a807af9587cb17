"""What tracing memory costs an allocating loop, in instructions.

    PYTHONPATH=<build>/python python instructions.py

Prints, for each loop of allocloop.py and each tool, the ratio to the untraced
loop at the bottom of a short and of a deep stack, as valgrind's callgrind
counts it: the difference of two runs of different lengths, so that the
start-up is left out, at addresses that do not change from run to run. Takes
some minutes. `--ours` leaves the standard module out.
"""
import os
import re
import subprocess
import sys

LOOPS = "churn", "keep"
DEPTHS = 0, 25
SHORT, LONG = 2000, 6000
OURS = [("pytrace.tracemalloc", "25")]
STANDARD = [("tracemalloc", "1"), ("tracemalloc", "25")]
ALLOCLOOP = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "allocloop.py")


def count(loop, turns, depth, tool):
    done = subprocess.run(
        ["setarch", "-R", "valgrind", "--tool=callgrind",
         "--callgrind-out-file=/dev/null", sys.executable, ALLOCLOOP, loop,
         str(turns), str(depth), *tool],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stderr=subprocess.PIPE, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def price(loop, depth, tool=()):
    """Instructions of one turn."""
    return (count(loop, LONG, depth, tool) -
            count(loop, SHORT, depth, tool)) / (LONG - SHORT)


def main():
    tools = OURS + ([] if "--ours" in sys.argv[1:] else STANDARD)
    print("%-6s %6s %9s" % ("loop", "depth", "untraced"),
          *("%s(%s)" % tool for tool in tools))
    for loop in LOOPS:
        for depth in DEPTHS:
            plain = price(loop, depth)
            ratios = [price(loop, depth, tool) / plain for tool in tools]
            print("%-6s %6d %9.0f" % (loop, depth, plain),
                  *("%*.3f" % (len("%s(%s)" % tool), ratio)
                    for tool, ratio in zip(tools, ratios)), flush=True)


if __name__ == "__main__":
    main()
