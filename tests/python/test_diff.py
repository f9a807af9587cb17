"""What `pytrace diff` compares: times, dumps of tracemalloc, moved lines."""

import json
import os
import pickle
import pickletools
import struct
import sys
import tracemalloc
import unittest

from support import PACKAGE, PY, Case, environment

PROGRAM = """\
import sys
import time

KEPT = []


def keep(count):
    for _ in range(count):
        KEPT.append(bytes(1000))


def rest(seconds):
    time.sleep(seconds)


keep(int(sys.argv[1]))
rest(float(sys.argv[2]))
if len(sys.argv) > 3:
    print("more")
"""


class DiffCase(Case):
    def record(self, name, *words, options=("--count", "--mem")):
        done = self.pytrace(*options, "-C", "cov", "-o", name, "prog.py",
                            *words)
        self.assertEqual(0, done.status, done.err)

    def diff(self, *words):
        done = self.pytrace("diff", *words)
        self.assertEqual(0, done.status, done.err)
        return done.out

    def changes(self, *words):
        return json.loads(self.diff("--json", *words))["changes"]


class LinesTest(DiffCase):
    def setUp(self):
        super().setUp()
        self.write("prog.py", PROGRAM)

    def test_times(self):
        options = ("--line-times", "--count")
        self.record("a.pytrace", "1", "0.001", options=options)
        self.record("b.pytrace", "1", "0.5", options=options)
        out = self.diff("--filter", "*prog.py", "--top", "100", "a.pytrace",
                        "b.pytrace")
        table = out.partition("lines that take more time\n")[2]
        self.assertRegex(table, r"(?m)^prog\.py:13 \(rest\): time=\S+ m?s "
                         r"\(\+\S+ m?s\), hits=1 \(\+0\)\n"
                         r"    time\.sleep\(seconds\)\n")
        out = self.diff("--filter", "*prog.py", "--top", "100", "b.pytrace",
                        "a.pytrace")
        self.assertRegex(out.partition("lines that take less time\n")[2],
                         r"(?m)^prog\.py:13 \(rest\): time=.* \(-\d+")
        change, = (change for change in self.changes("a.pytrace", "b.pytrace")
                   if change["after"]["line"] == 13)
        # A busy machine may let a program sleep for longer, but not less.
        self.assertGreater(change["before"]["time_ns"], 900_000)
        self.assertGreater(change["after"]["time_ns"], 450_000_000)

    def test_times_of_one_side_only(self):
        self.record("a.pytrace", "1", "0", options=("--line-times",
                                                    "--count"))
        self.record("b.pytrace", "1", "0", options=("--count",))
        self.assertEqual([], self.changes("a.pytrace", "b.pytrace"))

    def test_newly_and_no_longer_executed(self):
        self.record("a.pytrace", "1", "0")
        self.record("b.pytrace", "1", "0", "more")
        words = ("--filter", "*prog.py", "a.pytrace", "b.pytrace")
        self.assertIn("lines newly executed\nprog.py:19 (<module>): hits=1 "
                      "(+1)\n    print(\"more\")\n", self.diff(*words))
        self.assertIn("lines no longer executed\nprog.py:19 (<module>): "
                      "hits=0 (-1)\n", self.diff(*words[:2], *words[:1:-1]))

    def test_inserted_blank_lines(self):
        self.record("a.pytrace", "3", "0")
        self.write("prog.py", "\n\n# new\n" + PROGRAM.replace(
            "    for", "\n    # new\n\n    for").replace(
                "keep(int", "\n\nkeep(int"))
        self.record("b.pytrace", "3", "0")
        self.assertEqual([], self.changes("--filter", "*prog.py", "a.pytrace",
                                          "b.pytrace"))
        self.assertTrue(self.diff(
            "--filter", "*prog.py", "a.pytrace",
            "b.pytrace").endswith("\nno difference\n"))
        self.assertEqual("no difference\n", self.diff(
            "--group", "traceback", "--filter", "*prog.py", "a.pytrace",
            "b.pytrace"))

    def test_tracebacks(self):
        # Without counts nothing tells how a module's own lines moved.
        for options, moved in ((("--count", "--mem"), "# moved\n\n"),
                               (("--mem",), "")):
            self.write("prog.py", PROGRAM)
            self.record("a.pytrace", "3", "0", options=options)
            self.write("prog.py", moved + PROGRAM)
            self.record("b.pytrace", "5", "0", options=options)
            change, = self.changes("--group", "traceback", "--filter",
                                   "*prog.py", "a.pytrace", "b.pytrace")
            down = moved.count("\n")
            self.assertEqual([("prog.py", 16 + down, "<module>"),
                              ("prog.py", 9 + down, "keep")],
                             [(frame["path"], frame["line"],
                               frame["function"])
                              for frame in change["traceback"]])
            self.assertEqual(2, change["after"]["live_blocks"]
                             - change["before"]["live_blocks"])
        self.record("c.pytrace", "5", "0", options=("--count",))
        done = self.pytrace("diff", "--group", "traceback", "a.pytrace",
                            "c.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("tracebacks are those of memory", done.err)

    def test_groups_and_top(self):
        self.record("a.pytrace", "3", "0")
        self.record("b.pytrace", "5", "0")
        for group, what in (("function", "prog.py:7 (keep)"),
                            ("filename", "prog.py")):
            out = self.diff("--group", group, "--filter", "*prog.py",
                            "--top", "1", "a.pytrace", "b.pytrace")
            self.assertIn(f"{what}: size=", out)
            self.assertEqual(4, out.count("\n\n") + out.count(": "), out)


DUMPING = """\
import sys
tracemalloc = __import__(sys.argv[1], fromlist=["x"])
KEPT = []


def keep(count):
    for _ in range(count):
        KEPT.append(bytes(1000))


tracemalloc.start(7)
keep(10)
tracemalloc.take_snapshot().dump("before.dump")
keep(25)
after = tracemalloc.take_snapshot()
after.dump("after.dump")
before = tracemalloc.Snapshot.load("before.dump")
for group in "lineno", "filename", "traceback":
    for one in after.compare_to(before, group):
        frame = one.traceback[0]
        if one.size_diff or one.count_diff:
            name = "|".join(f"{frame.filename}:{frame.lineno}" for frame in
                            one.traceback) if group == "traceback" else (
                                frame.filename)
            print(group, name, frame.lineno if group == "lineno"
                  else 0, one.size - one.size_diff,
                  one.count - one.count_diff, one.size, one.count)
"""


class DumpsTest(DiffCase):
    def dump(self, module="tracemalloc"):
        """Dump two snapshots; what the module says has changed."""
        self.write("dumps.py", DUMPING)
        done = self.run_command(PY, "dumps.py", module,
                                env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)
        return {
            group: {(path, int(line)): tuple(map(int, figures))
                    for of, path, line, *figures in (
                        row.rsplit(" ", 5)[0].split(" ", 1)
                        + row.rsplit(" ", 5)[1:]
                        for row in done.out.splitlines()) if of == group}
            for group in ("lineno", "filename", "traceback")}

    def check(self, module):
        expected = self.dump(module)
        here = os.path.realpath(self.scratch) + "/"
        stacks = {("|".join((here if frame["path"] == "dumps.py" else "")
                            + f"{frame['path']}:{frame['line']}"
                            for frame in change["traceback"]), 0): tuple(
                                change[side][what]
                                for side in ("before", "after")
                                for what in ("live_bytes", "live_blocks"))
                  for change in self.changes("--group", "traceback",
                                             "before.dump", "after.dump")}
        self.assertEqual(expected.pop("traceback"), stacks)
        self.assertTrue(stacks)
        for group in expected:
            found = {(change["path"], change["after"]["line"]
                      or change["before"]["line"]): tuple(
                         change[side][what] for side in ("before", "after")
                         for what in ("live_bytes", "live_blocks"))
                     for change in self.changes("--group", group,
                                                "before.dump", "after.dump")}
            self.assertEqual(expected[group], found)
            self.assertTrue(found)

    def test_of_the_standard_library(self):
        self.check("tracemalloc")

    def test_of_ours(self):
        self.check("pytrace.tracemalloc")

    def test_every_protocol_that_a_dump_may_have(self):
        self.dump()
        wanted = self.changes("before.dump", "after.dump")
        for protocol in 2, 3, 4, 5:
            for name in "before", "after":
                self.write("again.py", "import pickle, tracemalloc\n"
                           f"s = tracemalloc.Snapshot.load('{name}.dump')\n"
                           f"with open('{name}.again', 'wb') as file:\n"
                           f"    pickle.dump(s, file, {protocol})\n")
                self.assertEqual(0, self.python("again.py").status)
            self.assertEqual(wanted,
                             self.changes("before.again", "after.again"))

    def test_beside_a_recording(self):
        """The same program, once by each."""
        self.write("prog.py", PROGRAM)
        self.record("run.pytrace", "7", "0", options=("--mem",))
        self.write("std.py", "import sys, tracemalloc\n"
                   "tracemalloc.start()\n"
                   "sys.argv = ['prog.py', '4', '0']\n"
                   "code = compile(open('prog.py').read(), "
                   f"{os.path.realpath(self.scratch)!r} + '/prog.py', "
                   "'exec')\n"
                   "exec(code)\n"
                   "tracemalloc.take_snapshot().dump('std.dump')\n")
        self.assertEqual(0, self.python("std.py").status)
        change, = (change for change in self.changes(
            "--filter", "*prog.py", "std.dump", "run.pytrace")
            if change["after"]["line"] == 9)
        # From 3.13 on the standard module charges what waits in free lists.
        snapshot = tracemalloc.Snapshot.load(self.scratch / "std.dump")
        before, = (entry for entry in snapshot.statistics("lineno")
                   if entry.traceback[0].filename.endswith("/prog.py")
                   and entry.traceback[0].lineno == 9)
        self.assertGreaterEqual(before.count, 4 + 1)
        self.assertEqual((before.count, before.size),
                         (change["before"]["live_blocks"],
                          change["before"]["live_bytes"]))
        # The list of 7 has room for 8.
        self.assertEqual((7 + 1, 7 * sys.getsizeof(bytes(1000))
                          + 8 * struct.calcsize("P")),
                         (change["after"]["live_blocks"],
                          change["after"]["live_bytes"]))

    def test_other_commands_read_them_too(self):
        self.dump()
        for command in (("report",), ("info",), ("check",), ("dump",),
                        ("export", "--to", "collapsed")):
            done = self.pytrace(*command, "after.dump")
            self.assertEqual(0, done.status, done.err)
        out = self.pytrace("export", "--to", "collapsed", "--value",
                           "kept-blocks", "--filter", "*dumps.py",
                           "after.dump").out
        self.assertIn("dumps.py", out)

    def test_names_that_are_no_utf8(self):
        self.write("names.py", "import tracemalloc\n"
                   "tracemalloc.start()\n"
                   "exec(compile('x = bytes(5000)', "
                   "'/\\udcff\\udc80\\u00e4.py', 'exec'))\n"
                   "tracemalloc.take_snapshot().dump('names.dump')\n")
        self.assertEqual(0, self.python("names.py").status)
        done = self.pytrace("export", "--to", "csv", "names.dump")
        self.assertIn("/\udcff\udc80ä.py", done.out)


class Evil:
    def __reduce__(self):
        return os.system, ("touch executed",)


class RefusedTest(DiffCase):
    def refuses(self, message, data):
        (self.scratch / "bad.dump").write_bytes(data)
        for words in (("report", "bad.dump"),
                      ("diff", "bad.dump", "bad.dump")):
            done = self.pytrace(*words)
            self.assertEqual((1, ""), (done.status, done.out), done.err)
            self.assertIn("cannot read the snapshot in 'bad.dump': ", done.err)
            self.assertIn(message, done.err)
        self.assertFalse((self.scratch / "executed").exists())

    def test_nothing_is_executed(self):
        for protocol in 2, 3, 4, 5:
            self.refuses("system' does not belong in the file of a snapshot",
                         pickle.dumps(Evil(), protocol))
        self.refuses("system' does not belong in the file",
                     b"pytrace-snapshot 1\n" + pickle.dumps(Evil(), 4))

    def test_other_pickles(self):
        for value in (None, 1, "text", [], {}, {"traces": []},
                      {"attributes": {}, "traces": [(1, 2)]}):
            self.refuses("it holds no snapshot", pickle.dumps(value, 4))
        for counters in ((1, [], b""), (1, [], b"", b"x" * 32), (1, 2, 3, 4),
                         (1, [], b"x" * 32, b"")):
            self.refuses("it holds no snapshot", b"pytrace-snapshot 1\n"
                         + pickle.dumps({"counters": counters}, 4))
        self.refuses("another version", b"pytrace-snapshot 9\n")
        self.refuses("more than 64 bits", pickle.dumps(1 << 99, 4))
        self.refuses("more than plain values", pickle.dumps({1, 2}, 4))

    def test_every_beginning_of_one(self):
        self.write("one.py", "import tracemalloc\ntracemalloc.start()\n"
                   "x = [bytes(100) for _ in range(3)]\n"
                   "tracemalloc.take_snapshot().filter_traces(["
                   "tracemalloc.Filter(True, '*one.py')]).dump('one.dump')\n")
        self.assertEqual(0, self.python("one.py").status)
        data = (self.scratch / "one.dump").read_bytes()
        for end in range(2, len(data), max(1, len(data) // 40)):
            self.refuses("", data[:end])

    def test_damaged_ones(self):
        """Each instruction once more, once less, or another: no crash."""
        data = pickle.dumps({"attributes": {}, "traces": [
            (0, 10, (("a.py", 1), ("b.py", 2)), 2)]}, 4)
        places = [place for _, _, place in pickletools.genops(data)]
        for place in places[1:]:
            before, there, behind = (data[:place], data[place:place + 1],
                                     data[place + 1:])
            for changed in (before + there + there + behind, before + behind,
                            before + b"b" + behind):
                (self.scratch / "bad.dump").write_bytes(
                    b"pytrace-snapshot 1\n" + changed)
                done = self.pytrace("report", "bad.dump")
                self.assertIn(done.status, (0, 1), changed)


if __name__ == "__main__":
    unittest.main()
