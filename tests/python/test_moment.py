"""Other moments than the end: --at, --peak, --between, FILE@TIME."""

import collections
import json
import re
import signal
import unittest

from support import PACKAGE, Case, environment

PROGRAM = """\
import os
import signal
import sys
import pytrace

KEPT = []


def step(number):
    KEPT.append(bytes(1000 * number))


for turn in range(4):
    step(turn)
    pytrace.mark(f"mark {turn}"); pytrace.snapshot(f"snapshot {turn}")
    if turn == 2:
        burst = [bytes(5000) for _ in range(20)]
        del burst, KEPT[:2]
if len(sys.argv) > 1:
    os.kill(os.getpid(), signal.SIGKILL)
"""
LINE = 10  # of the append, hit once in each turn


class MomentCase(Case):
    def setUp(self):
        super().setUp()
        self.write("prog.py", PROGRAM)

    def record(self, *options, words=(), status=0):
        done = self.pytrace("--count", "--mem", *options, "-C", "cov", "-o",
                            "run.pytrace", "prog.py", *words,
                            env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(status, done.status, done.err)

    def figures(self, moment):
        """{line: (hits, live bytes, live blocks, allocated bytes)} of the
        program at a moment."""
        done = self.pytrace("export", "--to", "json", "--filter", "*prog.py",
                            "run.pytrace@" + moment)
        self.assertEqual(0, done.status, done.err)
        file, = json.loads(done.out)["files"]
        return {line["line"]: tuple(line.get(what) for what in (
                    "hits", "live_bytes", "live_blocks", "allocated_bytes"))
                for line in file["lines"]}

    def replayed(self, mark):
        """{line: live bytes} of the program by the events until a mark."""
        live = collections.Counter()
        done = self.pytrace("dump", "run.pytrace")
        for event in map(json.loads, done.out.splitlines()):
            if event["kind"] == "mark" and event["label"] == mark:
                return +live
            if event["kind"] in ("alloc", "free") and event.get(
                    "path", "").endswith("prog.py"):
                sign = 1 if event["kind"] == "alloc" else -1
                live[event["line"]] += sign * event["size"]
        self.fail("no such mark")

    def table(self, title, *words):
        done = self.pytrace("report", "-C", "cov", "--mem-top", "1000", *words)
        self.assertEqual(0, done.status, done.err)
        self.assertIn(title, done.out)
        return done.out.partition(title + "\n")[2].partition("\n\n")[0]


class ByEventsTest(MomentCase):
    def test_marks_are_as_snapshots(self):
        self.record("--timeline=lines,allocs")
        for turn in range(4):
            by_events = self.figures(f"mark {turn}")
            by_snapshot = self.figures(f"snapshot {turn}")
            # Where both are taken the label is made, and memory comes and
            # goes between them.
            for figures in by_events, by_snapshot:
                figures.pop(15)
            self.assertEqual(by_snapshot, by_events)
            self.assertEqual(turn + 1, by_events[LINE][0])

    def test_events_are_undone(self):
        self.record("--timeline=allocs")
        for turn in range(4):
            mark = f"mark {turn}"
            live = {line: figures[1]
                    for line, figures in self.figures(mark).items()
                    if figures[1]}
            self.assertEqual(self.replayed(mark), live)

    def test_only_what_is_known(self):
        for what, option, kept, hits in (("allocs", "lines, hits", True, None),
                                         ("lines", "allocs, memory", None,
                                          2)):
            self.record("--timeline=" + what)
            figures = self.figures("mark 1")[LINE]
            self.assertEqual(hits, figures[0])
            self.assertEqual(kept, figures[1] and True)
            done = self.pytrace("report", "-C", "cov", "--at", "mark 1",
                                "run.pytrace")
            self.assertIn("recorded without --timeline=" + option, done.err)

    def test_seconds(self):
        self.record("--timeline=all")
        done = self.pytrace("dump", "--kind", "mark", "run.pytrace")
        times = [json.loads(line)["time"] for line in done.out.splitlines()]
        for turn, time in enumerate(times):
            self.assertEqual(
                turn + 1, self.figures(f"{time - 1e-9:.9f}")[LINE][0])
        self.assertEqual({}, {line: figures for line, figures
                              in self.figures("0").items()
                              if any(figures[:1])})
        end = self.figures("1e6")
        self.assertEqual(4, end[LINE][0])
        self.assertEqual(end, self.figures("100"))
        self.assertIn("the run had ended by then", self.pytrace(
            "report", "-C", "cov", "--at", "100", "run.pytrace").err)

    def test_the_peak(self):
        """What events tell is what the pairs have kept of the peak."""
        self.record("--timeline=all")
        kept = self.table("top lines by memory at the peak", "--mem-peak",
                          "run.pytrace")
        self.assertIn("prog.py:17: size=", kept)
        self.assertEqual(
            kept.strip(), self.table("top lines by memory kept", "--peak",
                                     "run.pytrace").strip())
        out = self.pytrace("report", "-C", "cov", "--peak", "run.pytrace").out
        then, peak = re.findall(r"^(?:memory then|at its peak) +(\S+ \S+)",
                                out, re.M)
        self.assertEqual(then, peak)

    def test_after_a_kill(self):
        self.record("--timeline=all", words=["x"], status=-signal.SIGKILL)
        figures = self.figures("mark 2")
        self.assertEqual(3, figures[LINE][0])
        self.assertEqual(self.replayed("mark 2")[LINE], figures[LINE][1])

    def test_of_a_kept_end(self):
        self.write("prog.py", PROGRAM.replace(
            "import os\n", "import os\n"
            "for _ in range(1000000): bytes(1000)\n", 1))
        self.record("--timeline=allocs", "--ring", "1M")
        by_events = self.figures("mark 2")[LINE + 1]
        self.assertEqual(self.figures("snapshot 2")[LINE + 1][1:],
                         by_events[1:])
        done = self.pytrace("report", "--at", "0.001", "run.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("does not tell what lines held or ran at 0.001 s",
                      done.err)

    def test_between(self):
        self.record("--timeline=all")
        done = self.pytrace("report", "--between", "mark 0", "mark 2",
                            "--mem-filter", "*prog.py", "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        self.assertTrue(done.out.startswith("before run.pytrace@mark 0, "))
        self.assertIn("prog.py:10 (step): hits=3 (+2)\n", done.out)
        same = self.pytrace("diff", "--filter", "*prog.py",
                            "run.pytrace@mark 0", "run.pytrace@mark 2")
        self.assertEqual(same.out, done.out)


class WithoutEventsTest(MomentCase):
    def setUp(self):
        super().setUp()
        self.record()

    def refuses(self, status, message, *words):
        done = self.pytrace("report", *words)
        self.assertEqual((status, ""), (done.status, done.out))
        self.assertIn(message, done.err)

    def test_a_snapshot(self):
        done = self.pytrace("report", "-C", "cov", "--at", "snapshot 1",
                            "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        self.assertIn("memory then", done.out)
        self.assertEqual(
            self.pytrace("report", "-C", "cov",
                         "run.pytrace@snapshot 1").out, done.out)

    def test_what_to_record(self):
        for moment in "mark 1", "0.001":
            self.refuses(1, "record with --timeline=allocs or "
                         "--timeline=lines, or call pytrace.snapshot() there",
                         "--at", moment, "run.pytrace")
        self.refuses(1, "record with --timeline=allocs", "--between", "0.001",
                     "mark 1", "run.pytrace")

    def test_no_such_moment(self):
        for moment in "nothing", "-1", "nan", "1 s":
            self.refuses(1, f"there is no snapshot or mark '{moment}' in "
                         "'run.pytrace'", f"--at={moment}", "run.pytrace")

    def test_the_peak_is_a_table(self):
        done = self.pytrace("report", "--peak", "--mem-top", "1000",
                            "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        self.assertIn("top lines by memory at the peak", done.out)
        self.assertNotIn("by memory kept", done.out)

    def test_no_memory(self):
        done = self.pytrace("--count", "-C", "cov", "-o", "run.pytrace",
                            "prog.py", env=environment(PYTHONPATH=PACKAGE))
        self.refuses(1, "record with --mem", "--peak", "run.pytrace")

    def test_usage(self):
        self.refuses(2, "more than one of --at, --peak and --between",
                     "--peak", "--at", "1", "run.pytrace")
        self.refuses(2, "names a moment already", "--at", "1",
                     "run.pytrace@snapshot 1")
        self.refuses(2, "--between TIME TIME", "run.pytrace", "--between", "1")


if __name__ == "__main__":
    unittest.main()
