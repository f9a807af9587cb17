"""--branch: arcs as a trace function written in Python counts them."""

import collections
import json
import os
import re
import signal
import unittest

from recording_figures import Figures
from support import Case

REFERENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "frame_reference.py")
PROGRAMS = [
    "async_tasks.py", "branching.py", "class_bodies.py", "closures.py",
    "comprehensions.py", "decorators.py", "matching.py", "one_liners.py",
    "raising.py", "statements.py", "threads_work.py",
    "yielding.py",
]
WAYS = re.compile(r"# ways: (.*)")
COLUMN = slice(7, 7 + 26)


def ways_of(text):
    """{way: count} of "7:3 exit:1"; "no" and nothing are none."""
    return {way: int(count) for way, count in
            (word.split(":") for word in text.split() if ":" in word)}


class BranchCase(Case):

    def record(self, program, *options, status=0):
        done = self.pytrace("--count", "--branch", "-o", "run.pytrace",
                            *options, program)
        self.assertEqual(status, done.status, done.err)
        return Figures(self.scratch / "run.pytrace")

    def arcs(self, run, path):
        """{(from, to): count} of a file, without what never happened."""
        arcs = collections.Counter()
        for process in run.processes:
            for (name, _, start, stop), (count, _) in run.arcs(
                    process).items():
                if name == path:
                    arcs[start, stop] += count
        return {arc: count for arc, count in arcs.items() if count}

    def check_ways(self, name):
        """The ways in a listing are those that the program promises."""
        source = (self.scratch / (name + ".py")).read_text(encoding="utf-8")
        listing = self.listing(name).splitlines()
        promised = 0
        for line, listed in zip(source.splitlines(), listing, strict=True):
            column = listed[COLUMN]
            match = WAYS.search(line)
            ways = ways_of(match[1] if match else "")
            promised += len(ways)
            if "no cover" not in line:
                self.assertEqual(ways, ways_of(column), listed)
                self.assertEqual(0 in ways.values(), column[:1] == "!", listed)
        self.assertNotEqual(0, promised)


class ArcsTest(BranchCase):
    """Arcs of whole programs against the reference."""

    def check(self, program):
        self.copy(program)
        path = os.path.join(self.scratch, program)
        done = self.python(REFERENCE, "wanted.json", path)
        self.assertEqual(0, done.status, done.err)
        with open(self.scratch / "wanted.json", encoding="utf-8") as file:
            wanted = {(start, stop): count
                      for start, stop, count in json.load(file)["arcs"]}
        got = self.arcs(self.record(path), path)
        self.assertTrue(got)
        self.assertEqual(wanted, got)


def add_program_test(program):
    def test(self):
        self.check(program)
    test.__doc__ = f"{program}: arcs as a trace function counts them"
    setattr(ArcsTest, "test_" + program.removesuffix(".py"), test)


for name in PROGRAMS:
    add_program_test(name)


class WaysTest(BranchCase):
    """Which lines decide, in listing and summary."""

    def test_ways_in_the_listing(self):
        self.copy("branching.py")
        self.record("branching.py")
        self.check_ways("branching")

    def test_hits_stay_those_of_count(self):
        self.copy("branching.py")
        self.record("branching.py")
        with_ways = self.listing("branching").splitlines()
        self.pytrace("--count", "branching.py")
        self.assertEqual(
            self.listing("branching").splitlines(),
            [line[:COLUMN.start] + line[COLUMN.stop:] for line in with_ways])

    def test_summary_counts_ways(self):
        self.write("prog.py", "for i in range(3):\n"
                              "    if i > 5:\n"
                              "        print(i)\n"
                              "    if i:  # pragma: no cover\n"
                              "        pass\n"
                              "def never(flag):\n"
                              "    while flag:\n"
                              "        flag -= 1\n")
        self.record("prog.py")
        done = self.pytrace("report", "-ms", "--summary-format", "json",
                            "run.pytrace")
        # for: 2 of 2; if: 1 of 2, so partial; while: none of 2.
        total = json.loads(done.out)["total"]
        self.assertEqual((6, 3, 1), (total["ways"], total["taken"],
                                     total["partial"]))
        done = self.pytrace("report", "-ms", "run.pytrace")
        self.assertIn("lines   cov%   ways   taken   partial   module   "
                      "(path)\n", done.out)

    def test_many_ways_are_cut(self):
        self.write("prog.py", "def f(a):\n"
                              "    " + "if a:\n        return 1\n" +
                              "f(1)\n")
        self.record("prog.py")
        line = self.listing("prog").splitlines()[1]
        self.assertEqual("! 3:1 exit:0", line[COLUMN].rstrip())

    def test_code_made_again_shares_its_arcs(self):
        self.write("prog.py", "for _ in range(50):\n"
                              "    exec(compile('if 1 + _:\\n    x = 1\\n',\n"
                              "                 __file__ + 'x', 'exec'))\n")
        run = self.record("prog.py")
        path = str(self.scratch / "prog.py") + "x"
        arcs = [arc for arc in run.arcs() if arc[0] == path]
        self.assertEqual(1, len({code for _, code, _, _ in arcs}))
        self.assertEqual(50, run.arcs()[*arcs[0][:2], 1, 2][0])
        filed = [arc[:3] for arc in run.items(0, "arc").values()]
        self.assertEqual(len(set(filed)), len(filed))

    def test_killed(self):
        self.write("prog.py", "import os, signal\n"
                              "for i in range(5):\n"
                              "    if i == 4:\n"
                              "        os.kill(os.getpid(), 9)\n")
        run = self.record("prog.py", status=-signal.SIGKILL)
        self.assertEqual({(0, 1): 1, (1, 2): 1, (2, 3): 5, (3, 2): 4,
                          (3, 4): 1},
                         self.arcs(run, str(self.scratch / "prog.py")))

    def test_forked(self):
        self.write("prog.py", "import os\n"
                              "pid = os.fork()\n"
                              "if pid:\n"
                              "    os.waitpid(pid, 0)\n"
                              "for i in range(3):\n"
                              "    pass\n")
        run = self.record("prog.py")
        self.assertEqual([0, 1], sorted(run.processes))
        self.assertEqual({(0, 1): 1, (1, 2): 1, (2, 3): 2, (3, 4): 1,
                          (4, 5): 1, (3, 5): 1, (5, 6): 6, (6, 5): 6,
                          (5, 0): 2},
                         self.arcs(run, str(self.scratch / "prog.py")))


class UsageTest(Case):

    def refused(self, words, message):
        self.write("prog.py", "print('ran')\n")
        done = self.pytrace(*words, "prog.py")
        self.assertEqual((2, ""), (done.status, done.out))
        self.assertIn(message, done.err)

    def test_needs_count(self):
        self.refused(["--mem", "--branch"],
                     "--branch can only be used with --count")

    def test_needs_callbacks(self):
        self.refused(["--count", "--branch", "--engine", "probe"],
                     "--branch, --line-times and --trackcalls need")

    def test_not_with_file(self):
        self.refused(["--count", "--branch", "--file", "counts"],
                     "--branch cannot be combined with --file: such a file")


if __name__ == "__main__":
    unittest.main()
