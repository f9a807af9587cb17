"""Temporary blocks: those that end before their thread allocates again."""

import os
import re
import sys
import unittest

from recording_reader import SEGMENTS, Recording
from support import PACKAGE, Case, environment

EXTENSIONS = os.environ.get("PT_TEST_EXTENSIONS", "")
FIGURES = re.compile(
    r"prog\.py:(?P<line>\d+): allocated=.*?, count=(?P<allocated>\d+); "
    r"freed=.*?, count=(?P<freed>\d+); "
    r"temporary=(?P<size>.*?), count=(?P<temporary>\d+)$", re.MULTILINE)
RAW = 0xffffffff

# Each turn of a loop makes one block and nothing else.
LOOPS = """\
import os, sys, threading
TURNS = [None] * 10000
one = b"1"
def brief():
    for _ in TURNS:
        one * 1000
def keep(kept):
    for _ in TURNS:
        kept.append(
            one * 1000)
def grow(items):
    for turn in TURNS:
        items.append(turn)
def shift():
    last = None
    for _ in TURNS:
        last = one * 1000
"""


def growths(count):
    """How often a list is given another block while it grows to `count`."""
    items, sizes = [], set()
    for _ in range(count):
        items.append(None)
        sizes.add(sys.getsizeof(items))
    return len(sizes)


class TemporaryTest(Case):

    def churn(self, program, *words, **options):
        """{line: (allocated, freed, temporary)} of a program."""
        self.write("prog.py", program)
        done = self.pytrace("--mem", "--mem-churn", "--mem-top", "1000",
                            "-o", "run.pytrace", *words, "prog.py", **options)
        self.assertEqual(0, done.status, done.err)
        return self.figures(done.out)

    def figures(self, text):
        return {int(one["line"]): tuple(int(one[name]) for name in
                                        ("allocated", "freed", "temporary"))
                for one in FIGURES.finditer(text)}

    def sizes(self):
        """{size: (allocated, temporary)} of the RAW blocks of the program."""
        recording = Recording(self.scratch / "run.pytrace")
        temporary = recording.items(0, "temporary")
        return {pair[0]: (pair[4], temporary[i][0])
                for i, pair in recording.items(0, "pair").items()
                if pair[7] == RAW}

    def test_loops(self):
        lines = self.churn(LOOPS + "kept = []\nkeep(kept)\nbrief()\nshift()\n"
                           "items = []\ngrow(items)\n")
        growing = growths(10000)
        self.assertEqual((10000, 10000, 10000), lines[6])
        self.assertEqual((10000, 0, 0), lines[10])
        # Between two blocks of the list's there were others,
        self.assertEqual((growing, growing - 1, 0), lines[9])
        # or none.
        self.assertEqual((growing, growing - 1, growing - 1), lines[13])
        # Each block ends when the next one is there, but for the last.
        self.assertEqual((10000, 10000, 1), lines[17])

    def test_threads(self):
        """What other threads allocate does not matter."""
        lines = self.churn(LOOPS + """\
sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=brief) for _ in range(3)]
kept = []
threads += [threading.Thread(target=keep, args=(kept,))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
""")
        self.assertEqual((30000, 30000, 30000), lines[6])
        self.assertEqual((10000, 0, 0), lines[10])

    def test_fork(self):
        """A child counts from nothing."""
        lines = self.churn(LOOPS + """\
brief()
child = os.fork()
if child == 0:
    for _ in TURNS:
        one * 1000
    os._exit(0)
os.waitpid(child, 0)
""")
        self.assertEqual((10000, 10000, 10000), lines[6])
        self.assertEqual((10000, 10000, 10000), lines[22])

    def test_asked_for(self):
        """Only a run with --mem-churn counts them; the others say nothing."""
        self.churn(LOOPS + "brief()\n")
        again = self.pytrace("report", "--mem-churn", "run.pytrace")
        self.assertEqual((10000, 10000, 10000), self.figures(again.out)[6])
        done = self.pytrace("--mem", "-o", "plain.pytrace", "prog.py")
        self.assertEqual(0, done.status, done.err)
        plain = self.pytrace("report", "--mem-churn", "plain.pytrace")
        self.assertIn("prog.py:6: allocated=", plain.out)
        self.assertNotIn("temporary", plain.out)

    def test_snapshot(self):
        """As of a snapshot they are those until then."""
        self.churn(LOOPS + "import pytrace\nbrief()\n"
                   "pytrace.snapshot('half')\nbrief()\n",
                   env=environment(PYTHONPATH=PACKAGE))
        half = self.pytrace("report", "--mem-churn", "run.pytrace@half")
        self.assertEqual((10000, 10000, 10000), self.figures(half.out)[6])
        whole = self.pytrace("report", "--mem-churn", "run.pytrace")
        self.assertEqual((20000, 20000, 20000), self.figures(whole.out)[6])

    def test_damaged(self):
        """`pytrace check` knows that they are not more than there were."""
        self.churn(LOOPS + "brief()\n")
        done = self.pytrace("check", "run.pytrace")
        self.assertEqual(0, done.status, done.out)
        recording = Recording(self.scratch / "run.pytrace")
        kind = SEGMENTS["temporary"]
        at = next(at for segment, _, first, at, _ in recording.extents
                  if segment == kind and first == 0)
        allocated = recording.items(0, "pair")[1][4]
        data = bytearray(recording.data)
        data[at + 8:at + 16] = (allocated + 1).to_bytes(8, sys.byteorder)
        (self.scratch / "bad.pytrace").write_bytes(data)
        done = self.pytrace("check", "bad.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("damaged: process 0, pair 1: more blocks were "
                      f"temporary than were allocated ({allocated + 1})\n",
                      done.out)

    @unittest.skipUnless(os.path.isdir(EXTENSIONS),
                         "no test extension: set PT_TEST_EXTENSIONS")
    def test_extension(self):
        lines = self.churn("import tracking\n"
                           "tracking.resize_last(1000)\n"
                           "tracking.raw_threads(915, 100, 10)\n"
                           "tracking.raw_release()\n"
                           "tracking.swap_last()\n",
                           env=environment(PYTHONPATH=EXTENSIONS))
        # Of 301, 402 and 103 bytes the second outlives the third's birth.
        self.assertEqual((3000, 3000, 2000), lines[2])
        sizes = self.sizes()
        # Four threads resize 100 blocks each, and free 90 of them at once.
        self.assertEqual((400, 400), sizes[915])
        self.assertEqual((400, 360), sizes[1830])
        # Freed by another thread, which then had the same address.
        self.assertEqual((1, 1), sizes[916])
        self.assertEqual((1, 0), sizes[917])
        self.assertEqual((1, 0), sizes[918])


if __name__ == "__main__":
    unittest.main()
