"""peaks.py - how much memory commands take, and recordings that are large."""

import os
import struct
import subprocess

from recording_reader import MASK, Recording
from support import PACKAGE, PY, PYTRACE, Case, environment

CALLS = """\
import sys, random
def made(i):
    def f(n):
        x = n
        return x
    return f
def go(n):
    dice = random.Random(1)
    calls = [(made(i), i) for i in dice.choices(range(2000), k=65536)]
    for _ in range(n):
        for f, i in calls:
            f(i)
go(int(sys.argv[1]))
"""
PAIRS = """\
def go():
    for n in range(100):
        for size in range(1000):
            bytes(100 * size + n)
go()
"""
SNAPSHOTS = PAIRS + """\
import pytrace
kept = [None] * 100
pytrace.snapshot("a")
for n in range(100):
    kept[n] = bytes(1000)
pytrace.snapshot("b")
del kept
"""
EXTENT, PAIR, ITEMS_AT = 64, 56, 88
MEASURE = """\
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status)
"""


def extent(segment, first_item, offset, payload):
    """One of process 0, as docs/format.md has it."""
    size = (EXTENT + len(payload) + 4095) // 4096 * 4096
    check = 0x9E3779B97F4A7C15
    for word in (0x54584550 << 32 | segment, first_item, offset, size,
                 len(payload)):
        check = (check ^ word) * 0xC2B2AE3D27D4EB4F & MASK
        check ^= check >> 29
    return (struct.pack("=4I4Q16x", 0x54584550, segment, 0, first_item, offset,
                        size, len(payload), check) +
            payload).ljust(size, b"\0")


class PeaksCase(Case):

    def record(self, name, source, *options, words=()):
        self.write("prog.py", source)
        done = self.pytrace(*options, "-C", "cover", "-o", name, "prog.py",
                            *map(str, words),
                            env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(done.status, 0, done.err)
        return self.scratch / name

    def peak(self, *words, status=0):
        """The most bytes that a command had in memory at a time."""
        with open(self.scratch / "output", "wb") as output:
            # Not from here: a child counts what its parent had at first.
            done = subprocess.run(
                [PY, "-c", MEASURE, PYTRACE, *map(str, words)], text=True,
                cwd=self.scratch, env=environment(), stdout=output,
                stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, status, (words, done.stderr))
        return int(done.stderr.splitlines()[-1]) * 1024

    def with_pairs(self, path, bytes_):
        """Put so many bytes of pairs behind a recording made with --mem.

        They are its own once more, without living blocks.
        """
        run = Recording(path)
        record, = (at for segment, _, _, at, _ in run.extents if segment == 1)
        pairs = run.items(0, "pair")
        first = max(first + room // PAIR for segment, _, first, _, room
                    in run.extents if segment == 8)
        block = b"".join(
            struct.pack("=QIIqQqqII", size, node, 0, 0, allocated, 0, 0,
                        domain, 0)
            for size, node, _, _, allocated, _, _, domain, _ in (
                pairs[index] for index in sorted(pairs)[:18000]))
        with open(path, "r+b") as file:
            at = file.seek(0, os.SEEK_END)
            while at < bytes_:
                at += file.write(extent(8, first, at, block))
                first += len(block) // PAIR
            file.seek(record + ITEMS_AT + 4 * 8)
            file.write(struct.pack("=I", first))
            file.seek(40)
            file.write(struct.pack("=Q", at))
