"""--line-times: against sleeps, the program's own clock, and sums."""

import re
import signal
import unittest

from recording_figures import Figures
from support import Case

TAKES = re.compile(r"# takes: (\d+)")
ROW = re.compile(r" +([\d,]+) +([\d.]+) (ns|us|ms|s) +([\d.]+) (?:ns|us|ms|s)"
                 r" +(\S+):(\d+)")
UNIT = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}
MS = 10**6


class LineTimesCase(Case):

    def record(self, program, *options, status=0):
        """Run it: what it printed, and the recording."""
        done = self.pytrace("--line-times", "-o", "run.pytrace", *options,
                            program)
        self.assertEqual(status, done.status, done.err)
        return done, Figures(self.scratch / "run.pytrace")

    def times(self, run, name, process=0):
        """{line: nanoseconds} of a file here."""
        path = str(self.scratch / name)
        return {line: time for (file, line), time
                in run.times(process, with_clocks=False).items()
                if file == path}

    def check_sum(self, run, process=0):
        """All that a clock took note of was given to some line."""
        clocks = run.items(process, "clock").values()
        self.assertTrue(clocks)
        self.assertEqual(
            sum(since - first - idle
                for first, since, idle, _, _ in clocks),
            sum(run.times(process, with_clocks=False).values()))


class ExactTest(LineTimesCase):
    """What must hold of any run, whatever else the machine is doing."""

    def setUp(self):
        super().setUp()
        self.copy("takes_time.py")
        self.source = (self.scratch / "takes_time.py").read_text().splitlines()
        self.done, self.recorded = self.record("takes_time.py")

    def lines_with(self, text):
        return [number for number, line in enumerate(self.source, 1)
                if text in line]

    def test_all_time_is_some_lines(self):
        self.check_sum(self.recorded)

    def test_sleeps_are_their_own_lines(self):
        times = self.times(self.recorded, "takes_time.py")
        for number, line in enumerate(self.source, 1):
            if match := TAKES.search(line):
                self.assertGreaterEqual(times[number], int(match[1]) * MS,
                                        line)

    def test_nothing_is_counted_twice(self):
        times = self.times(self.recorded, "takes_time.py")
        begin, end = self.lines_with("# clock")
        first = self.lines_with("def recurses")[0] + 1
        last = self.lines_with("def main")[0] - 1
        inside = definitions = 0
        for line in range(first, last + 1):
            if "def " in self.source[line - 1]:
                # The module's time, and from 3.11's generators some of what
                # is between.
                definitions += times[line]
            else:
                inside += times[line]
        inside += times[begin + 1]
        taken = int(self.done.out.split()[0])
        # The clock is read within its two lines.
        self.assertLessEqual(inside, taken)
        self.assertGreaterEqual(
            inside + definitions + times[begin] + times[end], taken)


class ReportTest(LineTimesCase):

    def rows(self, text):
        """{line: (hits, nanoseconds about)} of the table."""
        return {int(line): (int(hits.replace(",", "")),
                            float(time) * UNIT[unit])
                for hits, time, unit, _, _, line in ROW.findall(text)}

    def test_table_has_the_longest_first(self):
        self.write("prog.py", "import time\n"
                              "for i in range(3):\n"
                              "    time.sleep(0.01)\n"
                              "time.sleep(0.2)\n")
        done, run = self.record("prog.py")
        rows = self.rows(done.out)
        times = self.times(run, "prog.py")
        self.assertEqual(sorted(times, key=times.get, reverse=True),
                         list(rows))
        self.assertEqual({1: 1, 2: 4, 3: 3, 4: 1},
                         {line: hits for line, (hits, _) in rows.items()})
        for line, (_, time) in rows.items():
            self.assertAlmostEqual(1, time / times[line], delta=0.01)

    def test_top(self):
        self.write("prog.py", "x = 1\ny = 2\nz = 3\n")
        done, _ = self.record("prog.py", "--times-top", "1")
        self.assertEqual(1, len(self.rows(done.out)))
        self.assertIn("\n2 more lines: ", done.out)
        done = self.pytrace("report", "run.pytrace")
        self.assertEqual(3, len(self.rows(done.out)))

    def test_no_listing_without_count(self):
        self.write("prog.py", "x = 1\n")
        self.record("prog.py")
        self.assertFalse((self.scratch / "prog.cover").exists())

    def test_listing_has_columns(self):
        self.write("prog.py", "import time\n"
                              "for i in range(4):\n"
                              "    time.sleep(0.05)\n"
                              "def never():\n"
                              "    pass\n")
        self.record("prog.py", "--count")
        listing = self.listing("prog").splitlines()
        match = re.fullmatch(r"    4: +(\d+) ms  +(\d+\.\d) ms  "
                             r"    time.sleep\(0.05\)", listing[2])
        self.assertGreaterEqual(int(match[1]), 200)
        self.assertAlmostEqual(int(match[1]) / 4, float(match[2]), delta=0.2)
        self.assertEqual(" " * (7 + 21) + "    pass", listing[4])

    def test_with_memory_and_branches(self):
        self.write("prog.py", "for i in range(4):\n    x = bytes(2000)\n")
        self.record("prog.py", "--count", "--branch", "--mem")
        first, second = self.listing("prog").splitlines()
        self.assertRegex(
            first, r"^    5: [ \d.]{6} ?[num]?s .{11}  2:4 exit:1 +"
                   r".{23}for i in range")
        self.assertRegex(second, r"\d B +\d+ B      x = bytes")

    def test_with_functions(self):
        self.copy("takes_time.py")
        done, run = self.record("takes_time.py", "--listfuncs")
        self.check_sum(run)
        self.assertIn("\ntime of lines ", done.out)
        theirs = self.python("-m", "trace", "-l", "takes_time.py")
        called, listed = ([line for line in text.splitlines()
                           if line.startswith("filename: takes_time.py")]
                          for text in (theirs.out, done.out))
        self.assertTrue(called)
        self.assertEqual(called, listed)


class EndsTest(LineTimesCase):
    """However a process ends, its times are there."""

    def test_killed_within_a_line(self):
        self.write("prog.py", "import signal, time\n"
                              "signal.setitimer(signal.ITIMER_REAL, 0.3)\n"
                              "time.sleep(60)\n")
        done, run = self.record("prog.py", status=-signal.SIGALRM)
        self.check_sum(run)
        rows = ReportTest.rows(self, done.out)
        self.assertGreaterEqual(rows[2][1] + rows[3][1], 0.29 * 10**9)
        self.assertGreater(rows[3][1], rows[1][1])

    def test_forked_child_has_its_own_time(self):
        self.write("prog.py", "import os, time\n"
                              "time.sleep(0.3)\n"
                              "pid = os.fork()\n"
                              "if pid:\n"
                              "    os.waitpid(pid, 0)\n"
                              "else:\n"
                              "    time.sleep(0.1)\n")
        _, run = self.record("prog.py")
        for process in run.processes:
            self.check_sum(run, process)
        parent, child = (self.times(run, "prog.py", process)
                         for process in run.processes)
        self.assertGreaterEqual(parent[2], 300 * MS)
        self.assertEqual(0, child.get(2, 0))
        self.assertGreaterEqual(child[7], 100 * MS)
        self.assertEqual(0, parent.get(7, 0))
        self.assertGreaterEqual(parent[5], child[7] // 2)

    def test_program_that_takes_the_events_away(self):
        self.write("prog.py", "import sys\n"
                              "def f(n):\n"
                              "    if n == 3:\n"
                              "        sys.settrace(lambda *args: None)\n"
                              "        sys.settrace(None)\n"
                              "    return f(n - 1) if n else 0\n"
                              "f(5)\n"
                              "f(5)\n")
        _, run = self.record("prog.py")
        self.check_sum(run)


class UsageTest(Case):

    def refused(self, words, message):
        self.write("prog.py", "print('ran')\n")
        done = self.pytrace(*words, "prog.py")
        self.assertEqual((2, ""), (done.status, done.out))
        self.assertIn(message, done.err)

    def test_wrong_combinations(self):
        self.refused(["--count", "--times-top", "3"],
                     "--times-top can only be used with --line-times")
        self.refused(["--line-times", "--engine=probe"],
                     "--branch, --line-times and --trackcalls need")


if __name__ == "__main__":
    unittest.main()
