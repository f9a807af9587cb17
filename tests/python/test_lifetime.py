"""How long blocks live, against the program's own reading of the clock."""

import os
import re
import unittest

from recording_figures import Figures
from support import PACKAGE, Case, environment

EXTENSIONS = os.environ.get("PT_TEST_EXTENSIONS", "")
FIGURES = re.compile(r"prog\.py:(?P<line>\d+): allocated=.*?, "
                     r"count=(?P<blocks>\d+);.*; lifetime="
                     r"(?P<number>[\d.]+) (?P<unit>ns|us|ms|s)$", re.MULTILINE)
UNITS = {"ns": 1, "us": 10 ** 3, "ms": 10 ** 6, "s": 10 ** 9}

# The clock is read before and after a block begins, and before and after it
# ends: so its lifetime lies between two figures.
PROGRAM = """\
import os, time
now, one = time.monotonic_ns, b"1"
def brief(count):
    least = most = 0
    for _ in range(count):
        before = now()
        block = one * 5000
        after = now()
        sum(range(2000))
        soon = now()
        del block
        most += now() - before
        least += soon - after
    print(least, most)
def held():
    before = now()
    block = one * 6000
    print(before, now())
    return block
"""


class LifetimeTest(Case):

    def record(self, program, *words, status=0, **options):
        self.write("prog.py", PROGRAM + program)
        done = self.pytrace("--mem", "--mem-lifetime", "--mem-top=1000", "-o",
                            "run.pytrace", *words, "prog.py", **options)
        self.assertEqual(status, done.status, done.err)
        self.recording = Figures(self.scratch / "run.pytrace")
        self.numbers = [list(map(int, line.split()))
                        for line in done.out.splitlines()
                        if re.fullmatch(r"\d+ \d+", line)]
        return done

    def lived(self, size, process=0):
        """(blocks, nanoseconds) of the blocks of one size."""
        pairs = self.recording.items(process, "pair")
        found = [lived for i, lived in self.recording.lived(process).items()
                 if pairs[i][0] == size]
        return tuple(map(sum, zip(*found)))

    def check_all(self, process=0):
        """No block lives for less than nothing, or longer than the run."""
        record = self.recording.processes[process]
        age = record["end_ns"] - record["start_ns"]
        for pair, (blocks, ns) in self.recording.lived(process).items():
            self.assertLessEqual(ns, blocks * age, pair)

    def printed(self, text):
        return {int(one["line"]):
                (int(one["blocks"]), float(one["number"]) * UNITS[one["unit"]])
                for one in FIGURES.finditer(text)}

    def test_between_two_readings(self):
        done = self.record("brief(100)\nblock = held()\n")
        (least, most), (before, after) = self.numbers
        blocks, ns = self.lived(5033)
        self.assertEqual(100, blocks)
        self.assertTrue(least <= ns <= most, (least, ns, most))
        blocks, ns = self.lived(6033)
        end = self.recording.processes[0]["end_ns"]
        self.assertEqual(1, blocks)
        self.assertTrue(end - after <= ns <= end - before)
        self.check_all()
        # The table has the average, in three digits.
        blocks, average = self.printed(done.out)[7]
        self.assertEqual(100, blocks)
        self.assertTrue(least / 101 <= average <= most / 99)
        again = self.pytrace("report", "--mem-lifetime", "--mem-top=1000",
                             "run.pytrace")
        self.assertEqual(self.printed(done.out), self.printed(again.out))

    def test_killed(self):
        self.record("block = held()\nimport sys; sys.stdout.flush()\n"
                    "os.kill(os.getpid(), 9)\n", status=-9)
        (before, after), = self.numbers
        end = self.recording.end_ns
        blocks, ns = self.lived(6033)
        self.assertTrue(end - after <= ns <= end - before)
        self.check_all()

    def test_fork(self):
        """In a child what it inherited lives since the fork."""
        self.record("""\
block = held()
child = os.fork()
if child == 0:
    sum(range(1000))
    del block
    brief(10)
    os._exit(0)
os.waitpid(child, 0)
""")
        blocks, ns = self.lived(6033, process=1)
        child = self.recording.processes[1]
        self.assertEqual(1, blocks)
        self.assertLess(0, ns)
        self.assertLessEqual(ns, child["end_ns"] - child["start_ns"])
        self.assertEqual(10, self.lived(5033, process=1)[0])
        self.check_all(0)
        self.check_all(1)

    @unittest.skipUnless(os.path.isdir(EXTENSIONS),
                         "no test extension: set PT_TEST_EXTENSIONS")
    def test_without_the_gil(self):
        self.record("import tracking\nbefore = now()\n"
                    "tracking.raw_threads(915, 100, 10)\n"
                    "after = now()\ntracking.raw_release()\n"
                    "print(before, after)\n",
                    env=environment(PYTHONPATH=EXTENSIONS))
        (before, after), = self.numbers
        blocks, ns = self.lived(915)
        # Each ends before all threads have ended.
        self.assertEqual(400, blocks)
        self.assertTrue(0 < ns < 400 * (after - before))
        self.assertEqual(400, self.lived(1830)[0])
        self.check_all()

    def test_free_lists(self):
        """An object's time is that of the line that makes it now."""
        self.record("""\
def pair(count):
    for _ in range(count):
        (now(), now())
pair(100000)
kept = [(now(), now()) for _ in range(100)]
del kept[::2]
""")
        self.check_all()

    def test_with_events(self):
        """Events and lifetimes are told of together."""
        self.record("brief(100)\n", "--timeline", "allocs")
        (least, most), = self.numbers
        blocks, ns = self.lived(5033)
        self.assertEqual(100, blocks)
        self.assertTrue(least <= ns <= most, (least, ns, most))
        done = self.pytrace("check", "run.pytrace")
        self.assertEqual(0, done.status, done.out)

    def test_not_recorded(self):
        self.write("prog.py", PROGRAM)
        done = self.pytrace("--mem", "-o", "run.pytrace", "prog.py")
        self.assertEqual(0, done.status)
        self.assertEqual({}, Figures(self.scratch / "run.pytrace").lived())
        done = self.pytrace("report", "--mem-lifetime", "run.pytrace")
        self.assertNotIn("; lifetime=", done.out)
        self.assertIn("pytrace: lifetimes were not recorded; run the program "
                      "again with --mem-lifetime\n", done.err)
        done = self.pytrace("--mem=sample", "--mem-lifetime", "prog.py")
        self.assertIn("pytrace: there are no lifetimes of a sample; run the "
                      "program with --mem=exact\n", done.err)

    def test_of_a_snapshot(self):
        self.record("import pytrace\nbrief(10)\npytrace.snapshot('now')\n",
                    env=environment(PYTHONPATH=PACKAGE))
        done = self.pytrace("report", "--mem-lifetime", "run.pytrace@now")
        self.assertNotIn("; lifetime=", done.out)
        self.assertIn("pytrace: lifetimes are known at the end of a run "
                      "only\n", done.err)


if __name__ == "__main__":
    unittest.main()
