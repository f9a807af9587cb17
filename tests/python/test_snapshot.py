"""Snapshots in a recording: taken by the program, read as of them later."""

import json
import unittest

from support import PACKAGE, Case, environment


class SnapshotCase(Case):

    def record(self, program, *words, status=0):
        """Run a program that imports pytrace, keep its recording."""
        self.write("prog.py", program)
        done = self.pytrace("--count", "--mem", "-o", "run.pytrace", *words,
                            "prog.py", env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(status, done.status, done.err)
        return done

    def info(self):
        done = self.pytrace("info", "--json", "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        return json.loads(done.out)

    def labels(self):
        return [(one["process"], one["label"])
                for one in self.info()["snapshots"]]

    def kept(self, label, line):
        """(size, count) of a line at a snapshot, as printed."""
        done = self.pytrace("report", "--mem-filter", "*/prog.py",
                            "--mem-top", "100", "run.pytrace@" + label)
        self.assertEqual(0, done.status, done.err)
        for text in done.out.splitlines():
            if f"/prog.py:{line}: size=" in text:
                size, count, _ = text.partition("size=")[2].split(", ")
                return size, int(count.removeprefix("count="))
        return None


STEPS = """\
import pytrace
kept = []
def step(n):
    kept.append(bytes((n << 10) - 33))
step(100)
assert pytrace.snapshot("one") is True
for i in range(3):
    step(1000)
pytrace.snapshot("two")
del kept[:3]
"""


class InProgramTest(SnapshotCase):

    def test_report_as_of_a_snapshot(self):
        self.record(STEPS)
        self.assertEqual([(0, "one"), (0, "two")], self.labels())
        self.assertEqual("100 KiB", self.kept("one", 4)[0])
        self.assertEqual("3100 KiB", self.kept("two", 4)[0])
        done = self.pytrace("report", "--mem-filter", "*/prog.py",
                            "run.pytrace")
        self.assertIn(":4: size=1000 KiB", done.out)

    def test_hits_as_of_a_snapshot(self):
        self.record(STEPS)
        for label, hits in ("one", 1), ("two", 4), ("#0", 1), ("#1", 4):
            self.pytrace("report", "run.pytrace@" + label)
            self.assertRegex(self.listing("prog"),
                             rf" {hits}: .*kept.append")

    def test_diff_of_two(self):
        self.record(STEPS)
        done = self.pytrace("diff", "run.pytrace@one", "run.pytrace@two")
        self.assertIn("prog.py:4 (step): size=3100 KiB (+3000 KiB), "
                      "count=", done.out)
        self.assertIn("hits=4 (+3)", done.out)

    def test_labels_may_be_anything(self):
        self.record("import pytrace\n"
                    "kept = []\n"
                    "for i in range(3):\n"
                    "    kept.append(bytes(1 << 20))\n"
                    "    pytrace.snapshot('')\n"
                    "    pytrace.snapshot('outer')\n"
                    "    pytrace.snapshot('ou' + 'ter/in\\u00e4r\\n')\n"
                    "pytrace.snapshot('x' * 5000)\n")
        labels = [label for _, label in self.labels()]
        self.assertEqual(["", "outer", "outer/inär\n"] * 3, labels[:-1])
        self.assertEqual(set("x"), set(labels[-1]))
        self.assertLessEqual(len(labels[-1]), 1024)
        self.assertGreater(len(labels[-1]), 1000)
        # The last of a name.
        self.assertEqual(3 + 1, self.kept("outer", 4)[1])
        self.assertEqual(2 + 1, self.kept("#4", 4)[1])

    def test_no_such_label(self):
        self.record(STEPS)
        done = self.pytrace("report", "run.pytrace@three")
        self.assertEqual(1, done.status)
        self.assertEqual("pytrace: there is no snapshot 'three' in "
                         "'run.pytrace'; pytrace info names those there are\n",
                         done.err)

    def test_not_under_pytrace(self):
        self.write("alone.py", "import pytrace\n"
                   "assert pytrace.snapshot('x') is False\n"
                   "try:\n    pytrace.snapshot(1)\n"
                   "except TypeError as error:\n    print(error)\n")
        done = self.python("alone.py", env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(
            (0, "snapshot() needs a str as label, not int\n"),
            (done.status, done.out), done.err)

    def test_sampled(self):
        self.record("import pytrace\n"
                    "kept = [bytes(64 << 20)]\n"
                    "pytrace.snapshot('then')\n"
                    "kept.append(bytes(64 << 20))\n", "--mem=sample")
        self.assertEqual(1, self.kept("then", 2)[1])
        self.assertIsNone(self.kept("then", 4))


class KilledTest(SnapshotCase):

    def test_sigkill_leaves_it(self):
        self.record("import os, pytrace, signal\n"
                    "kept = [bytes(1 << 20) for i in range(5)]\n"
                    "pytrace.snapshot('five')\n"
                    "kept.clear()\n"
                    "os.kill(os.getpid(), signal.SIGKILL)\n", status=-9)
        self.assertEqual([(0, "five")], self.labels())
        self.assertEqual(5 + 1, self.kept("five", 2)[1])  # and the list's

    def test_fork(self):
        self.record("import os, pytrace\n"
                    "kept = [bytes(1 << 20) for i in range(2)]\n"
                    "pytrace.snapshot('both')\n"
                    "if os.fork() == 0:\n"
                    "    kept += [bytes(1 << 20) for i in range(3)]\n"
                    "    pytrace.snapshot('both')\n"
                    "    pytrace.snapshot('child')\n"
                    "    os._exit(0)\n"
                    "os.wait()\n"
                    "pytrace.snapshot('parent')\n")
        self.assertEqual([(0, "both"), (0, "parent"), (1, "both"),
                          (1, "child")], self.labels())
        # What the child inherited is its parent's. One more block is the
        # list's.
        self.assertEqual((2 + 1, 3 + 1), (self.kept("both", 2)[1],
                                  self.kept("both", 5)[1]))
        self.assertEqual((None, 3 + 1), (self.kept("child", 2),
                                         self.kept("child", 5)[1]))
        self.assertEqual((2 + 1, None), (self.kept("parent", 2)[1],
                                         self.kept("parent", 5)))


if __name__ == "__main__":
    unittest.main()
