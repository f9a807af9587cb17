"""Recordings of several runs in one: `pytrace combine`."""

import collections
import json
import os
import shutil
import signal
import unittest

from recording_reader import Recording
from support import PACKAGE, Case, environment

# Its one argument says how many blocks of 1000 bytes it keeps; a second one
# has it fork, and a third one be killed.
PROGRAM = """\
import os
import signal
import sys

KEPT = []


def keep(count):
    for _ in range(count):
        KEPT.append(bytes(1000))


keep(int(sys.argv[1]))
if len(sys.argv) == 3:
    child = os.fork()
    keep(5)
    if child:
        os.waitpid(child, 0)
try:
    import pytrace
except ImportError:
    pass
else:
    pytrace.mark("late")
    pytrace.snapshot("late")
keep(2)
if len(sys.argv) == 4:
    os.kill(os.getpid(), signal.SIGKILL)
"""
COUNTED = ("hits", "live_bytes", "live_blocks", "allocated_bytes",
           "allocated_blocks")


class CombineCase(Case):
    def setUp(self):
        super().setUp()
        self.write("keep.py", PROGRAM)

    def record(self, name, *words, options=("--count", "--mem"), status=0,
               **where):
        done = self.pytrace(*options, "-C", "cov", "-o", name, "keep.py",
                            *words, env=environment(PYTHONPATH=PACKAGE),
                            **where)
        self.assertEqual(status, done.status, done.err)

    def combine(self, *names, out="all.pytrace", says=""):
        done = self.pytrace("combine", "-o", out, *names)
        self.assertEqual((0, "", says), (done.status, done.out, done.err))
        self.assertEqual(0, self.pytrace("check", out).status)

    def refuses(self, message, *names, out="all.pytrace", status=1):
        done = self.pytrace("combine", "-o", out, *names)
        self.assertEqual((status, ""), (done.status, done.out))
        self.assertIn(message, done.err)
        if out not in names:
            self.assertFalse((self.scratch / out).exists())

    def figures(self, name):
        """{(path, line, what): figure} of all lines, and of the total."""
        done = self.pytrace("export", "--to", "json", name)
        self.assertEqual(0, done.status, done.err)
        data = json.loads(done.out)
        figures = collections.Counter(
            {("total", 0, what): data["total"][what] for what in COUNTED[1:]
             if what in data["total"]})
        for file in data["files"]:
            for line in file["lines"]:
                for what in COUNTED:
                    figures[file["path"], line["line"], what] += line.get(
                        what, 0)
        return figures

    def info(self, name):
        return json.loads(self.pytrace("info", "--json", name).out)

    def events(self, name):
        done = self.pytrace("dump", name)
        self.assertEqual(0, done.status, done.err)
        return [json.loads(line) for line in done.out.splitlines()]


class SumsTest(CombineCase):
    def test_of_two_runs_and_a_fork(self):
        self.record("a.pytrace", "10")
        self.record("b.pytrace", "20", "fork")
        self.combine("a.pytrace", "b.pytrace")
        both = self.figures("all.pytrace")
        self.assertEqual(
            self.figures("a.pytrace") + self.figures("b.pytrace"), both)
        # In all: 10, 20, 2 * 5, and 2 of each process.
        self.assertEqual(46, both["keep.py", 10, "hits"])
        # Of the three lists themselves there is a block each.
        self.assertEqual(49, both["keep.py", 10, "live_blocks"])

    def test_is_the_same_in_any_order_and_grouping(self):
        self.record("a.pytrace", "1")
        self.record("b.pytrace", "2", "fork")
        self.record("c.pytrace", "3")
        self.combine("a.pytrace", "b.pytrace", "c.pytrace")
        whole = self.figures("all.pytrace")
        self.combine("a.pytrace", "b.pytrace", out="ab.pytrace")
        self.combine("c.pytrace", "ab.pytrace", out="cab.pytrace")
        self.assertEqual(whole, self.figures("cab.pytrace"))
        runs = [process.get("run", {}).get("recording")
                for process in self.info("cab.pytrace")["processes"]]
        self.assertEqual(["c.pytrace", "a.pytrace", "b.pytrace", "b.pytrace"],
                         runs)

    def test_of_one_is_that_one(self):
        for options in (("--count", "--mem"), ("--count", "--branch"),
                        ("--count", "--line-times", "--trackcalls"),
                        ("--count", "--mem", "--timeline=all")):
            with self.subTest(options=options):
                self.record("a.pytrace", "40", "fork", options=options)
                self.combine("a.pytrace")
                for command in (("report", "-ms"),
                                ("export", "--to", "csv"),
                                ("report", "--mem-group", "traceback")):
                    before, after = (self.pytrace(*command, name)
                                     for name in ("a.pytrace", "all.pytrace"))
                    same = after.out.replace(
                        "'a.pytrace', which ended", "the program, which ended")
                    self.assertEqual((before.status, before.out),
                                     (after.status, same))
                before, after = (self.events("a.pytrace"),
                                 self.events("all.pytrace"))
                for one, other in zip(before, after, strict=True):
                    # A page in the making gets a rate in whole numbers.
                    self.assertAlmostEqual(one.pop("time"), other.pop("time"),
                                           places=7)
                    self.assertEqual(one, other)

    def test_counts_of_one_and_memory_of_the_other(self):
        self.record("a.pytrace", "10", options=("--count",))
        self.record("b.pytrace", "10", options=("--mem",))
        self.combine("a.pytrace", "b.pytrace")
        both = self.figures("all.pytrace")
        self.assertEqual(12, both["keep.py", 10, "hits"])
        self.assertEqual(
            self.figures("b.pytrace")["keep.py", 10, "live_bytes"],
            both["keep.py", 10, "live_bytes"])
        done = self.pytrace("report", "all.pytrace")
        self.assertEqual("pytrace: line counts exact, by probe; memory exact"
                         "\n", done.err.replace("monitoring", "probe")
                         .replace("settrace", "probe"))

    def test_lines_that_differ(self):
        """A diff of the whole and a part is the other part."""
        self.record("a.pytrace", "10")
        self.record("b.pytrace", "20")
        self.combine("a.pytrace", "b.pytrace")
        done = self.pytrace("diff", "--json", "--filter", "*keep.py",
                            "a.pytrace", "all.pytrace")
        change, = (change for change in json.loads(done.out)["changes"]
                   if change["after"]["line"] == 10)
        self.assertEqual((12, 34), (change["before"]["hits"],
                                    change["after"]["hits"]))


class TimesTest(CombineCase):
    OPTIONS = ("--count", "--mem", "--timeline=allocs")

    def test_events_of_all_on_one_clock(self):
        self.record("a.pytrace", "10", options=self.OPTIONS)
        self.record("b.pytrace", "3000", "fork", options=self.OPTIONS)
        self.combine("b.pytrace", "a.pytrace")
        starts = [Recording(self.scratch / name).unpack("Q", 24)[0]
                  for name in ("a.pytrace", "b.pytrace")]
        shifts = {0: (starts[1] - starts[0]) / 1e9, 2: 0.0}
        alone = self.events("b.pytrace") + self.events("a.pytrace")
        whole = self.events("all.pytrace")
        self.assertEqual(len(alone), len(whole))
        for one, other in zip(alone, whole):
            run = 2 if other["process"] == 2 else 0
            self.assertAlmostEqual(one.pop("time") + shifts[run],
                                   other.pop("time"), places=6)
            self.assertEqual(one.pop("process") + run, other.pop("process"))
            self.assertEqual(one, other)

    def test_the_independent_reader_agrees(self):
        self.record("a.pytrace", "10", options=self.OPTIONS)
        self.record("b.pytrace", "700", "fork", options=self.OPTIONS)
        self.combine("a.pytrace", "b.pytrace")
        recording = Recording(self.scratch / "all.pytrace")
        kinds = [event["kind"] for event in self.events("all.pytrace")]
        read = [event for number in sorted(recording.processes)
                for event in recording.events(number)]
        self.assertEqual(collections.Counter(kinds),
                         collections.Counter(event["kind"] for event in read))

    def test_snapshots(self):
        self.record("a.pytrace", "10")
        self.record("b.pytrace", "20")
        self.combine("a.pytrace", "b.pytrace")
        late = self.figures("all.pytrace@late")
        self.assertEqual(30, late["keep.py", 10, "hits"])
        self.assertEqual(self.figures("a.pytrace@late")
                         + self.figures("b.pytrace@late"), late)

    def test_line_times(self):
        options = ("--line-times",)
        self.record("a.pytrace", "10", options=options)
        self.record("b.pytrace", "20", "x", "killed", options=options,
                    status=-signal.SIGKILL)
        self.combine("a.pytrace", "b.pytrace")
        tables = [self.pytrace("report", "--times-top", "0", name).out.split()
                  for name in ("a.pytrace", "b.pytrace", "all.pytrace")]
        units = {"ms": 1.0, "us": 1e-3, "s": 1e3}
        times = [float(words[3]) * units[words[4]] for words in tables]
        self.assertAlmostEqual(times[0] + times[1], times[2],
                               delta=times[2] / 50)


class WhichTest(CombineCase):
    def test_columns_of_processes(self):
        self.record("a.pytrace", "10")
        self.record("b.pytrace", "20", "fork")
        self.combine("a.pytrace", "b.pytrace")
        out = self.pytrace("report", "--per-process", "--mem-filter",
                           "*keep.py", "all.pytrace").out
        lines = out.splitlines()
        self.assertIn("hits of each process", lines)
        rows = lines[lines.index("hits of each process") + 1:]
        self.assertEqual("all 0 1 2 line".split(), rows[0].split())
        row, = (row for row in rows if row.endswith("KEPT.append(bytes(1000))")
                and "KiB" not in row)
        self.assertEqual(["46", "12", "27", "7", "keep.py:10"],
                         row.split()[:5])
        table = lines[:lines.index("hits of each process")]
        self.assertTrue(any(
            row.endswith("'b.pytrace', which ended normally")
            for row in table), out)
        self.assertTrue(any(row.endswith("forked; reached its end")
                            for row in table), out)

    def test_of_a_plain_recording(self):
        done = self.pytrace("--count", "--per-process", "-C", "cov",
                            "keep.py", "3")
        self.assertEqual(0, done.status, done.err)
        rows = done.out.splitlines()
        self.assertEqual(["process", "pid", "hits"], rows[1].split())
        self.assertIn("the program, which ended normally", rows[2])

    def test_says_which_was_killed(self):
        self.record("a.pytrace", "10")
        self.record("b.pytrace", "20", "x", "killed", status=-signal.SIGKILL)
        self.combine("a.pytrace", "b.pytrace")
        err = self.pytrace("report", "-C", "cov", "all.pytrace").err
        self.assertIn("pytrace: b.pytrace was killed by SIGKILL\n", err)
        processes = self.info("all.pytrace")["processes"]
        self.assertEqual([(0, 0), (-1, signal.SIGKILL)],
                         [(process["run"]["status"], process["run"]["signal"])
                          for process in processes])

    def test_trees_in_several_places(self):
        for place in "one", "two":
            (self.scratch / place).mkdir()
            shutil.copy2(self.scratch / "keep.py", self.scratch / place)
            self.record(os.path.join("..", place + ".pytrace"), "4",
                        cwd=self.scratch / place)
        self.combine("one.pytrace", "two.pytrace", out="apart.pytrace")
        self.assertEqual(
            {6}, {hits for (path, line, what), hits in
                  self.figures("apart.pytrace").items()
                  if path.endswith("keep.py") and line == 10
                  and what == "hits"})
        done = self.pytrace("combine", "--relative", "-o", "all.pytrace",
                            "one.pytrace", "two.pytrace")
        self.assertEqual((0, ""), (done.status, done.err))
        self.assertEqual(12, self.figures("all.pytrace")["keep.py", 10,
                                                         "hits"])

    def test_says_that_files_changed(self):
        self.record("a.pytrace", "1")
        self.write("keep.py", PROGRAM + "# more\n")
        self.record("b.pytrace", "2")
        self.combine("a.pytrace", "b.pytrace", says=(
            "pytrace: 1 file changed between 'a.pytrace' and 'b.pytrace', as "
            f"'{os.path.realpath(self.scratch)}/keep.py': lines are added up "
            "by their numbers; pytrace diff compares them by what they are"
            "\n"))

    def test_says_that_scopes_differ(self):
        self.record("a.pytrace", "1")
        self.record("b.pytrace", "2",
                    options=("--count", "--mem", "--omit", "*lib*"))
        self.combine("a.pytrace", "b.pytrace", says=(
            "pytrace: 'a.pytrace' and 'b.pytrace' did not count the same "
            "files (--all, --include, --omit, --ignore-module, --ignore-dir)"
            "\n"))


class RefusedTest(CombineCase):
    def setUp(self):
        super().setUp()
        self.record("a.pytrace", "1")

    def test_a_run_that_is_there_twice(self):
        self.refuses("have a run in common", "a.pytrace", "a.pytrace")
        shutil.copy(self.scratch / "a.pytrace", self.scratch / "copy.pytrace")
        self.refuses("have a run in common", "a.pytrace", "copy.pytrace")
        self.record("b.pytrace", "1")
        self.combine("a.pytrace", "b.pytrace", out="ab.pytrace")
        self.refuses("have a run in common", "ab.pytrace", "b.pytrace")

    def test_ways_to_count(self):
        for option in "--hits", "--branch", "--line-times":
            self.record("b.pytrace", "1", options=("--count", option))
            self.refuses("cannot combine 'b.pytrace', recorded with "
                         f"{option}, with 'a.pytrace', recorded without",
                         "a.pytrace", "b.pytrace")
        self.record("b.pytrace", "1", options=("--mem=sample",))
        self.refuses("recorded with --mem=sample", "a.pytrace", "b.pytrace")

    def test_a_snapshot(self):
        self.refuses("not the snapshot 'late'", "a.pytrace@late")

    def test_writing_over_what_is_read(self):
        before = (self.scratch / "a.pytrace").read_bytes()
        self.refuses("choose another place", "a.pytrace", out="a.pytrace")
        self.assertEqual(before, (self.scratch / "a.pytrace").read_bytes())

    def test_no_place(self):
        self.refuses("cannot write 'no/all.pytrace': No such file",
                     "a.pytrace", out="no/all.pytrace")

    def test_a_full_disk_leaves_nothing(self):
        done = self.pytrace("combine", "-o", "/dev/full", "a.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("No space left on device", done.err)

    def test_an_end_that_is_missing(self):
        data = (self.scratch / "a.pytrace").read_bytes()
        (self.scratch / "cut.pytrace").write_bytes(data[:-4096])
        done = self.pytrace("combine", "-o", "all.pytrace", "cut.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("the end of 'cut.pytrace' is missing", done.err)

    def test_usage(self):
        for words in (("a.pytrace",), ("-o", "x"), ("--frob", "a.pytrace")):
            done = self.pytrace("combine", *words)
            self.assertEqual(2, done.status)
            self.assertIn("usage is pytrace combine", done.err)


if __name__ == "__main__":
    unittest.main()
