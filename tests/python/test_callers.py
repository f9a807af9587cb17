"""--trackcalls and --callgraph: against trace, and a trace function."""

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
    "raising.py", "statements.py", "threads_work.py", "yielding.py",
]
CALL = re.compile(r"    (\S+) -> (\S+)")


class CallersCase(Case):

    def record(self, program, *options, status=0):
        done = self.pytrace("--trackcalls", "-o", "run.pytrace", *options,
                            program)
        self.assertEqual(status, done.status, done.err)
        self.assertQuiet(done) if status == 0 else None
        return done, Figures(self.scratch / "run.pytrace")


class ExactTest(CallersCase):
    """Who called whom, and how often, in whole programs."""

    def check(self, program):
        self.copy(program)
        path = os.path.join(self.scratch, program)
        done = self.python(REFERENCE, "wanted.json", path)
        self.assertEqual(0, done.status, done.err)
        with open(self.scratch / "wanted.json", encoding="utf-8") as file:
            wanted = {(caller, callee): (calls, resumed)
                      for caller, callee, calls, resumed
                      in json.load(file)["calls"]}
        got = collections.defaultdict(lambda: (0, 0))
        run = self.record(path)[1]
        for process in run.processes:
            for caller, callee, calls, resumed in run.calls(process):
                if callee[0] == path:
                    own = caller[1] if caller and caller[0] == path else None
                    before = got[own, callee[1]]
                    got[own, callee[1]] = (before[0] + calls,
                                           before[1] + resumed)
        self.assertTrue(got)
        self.assertEqual(wanted, dict(got))


def add_program_test(program):
    def test(self):
        self.check(program)
    test.__doc__ = f"{program}: calls as a trace function counts them"
    setattr(ExactTest, "test_" + program.removesuffix(".py"), test)


for name in PROGRAMS:
    add_program_test(name)


class TextTest(CallersCase):

    def own_calls(self, text, modules):
        """Lines between functions of the program's own modules."""
        return sorted({match[0] for match in CALL.finditer(text)
                       if match[1].split(".")[0] in modules
                       and match[2].split(".")[0] in modules})

    def test_prints_what_trace_prints(self):
        for program, modules in [("closures.py", {"closures"}),
                                 ("yielding.py", {"yielding"}),
                                 ("recurses.py", {"recurses"})]:
            with self.subTest(program=program):
                self.copy(program)
                theirs = self.python("-m", "trace", "-T", program)
                ours, _ = self.record(program)
                self.assertIn("\ncalling relationships:\n", ours.out)
                self.assertIn(f"*** {program} ***\n", ours.out)
                wanted = self.own_calls(theirs.out, modules)
                self.assertTrue(wanted)
                self.assertEqual(wanted, self.own_calls(ours.out, modules))

    def test_other_files_are_named(self):
        self.write("part.py", "def f():\n    return 1\n")
        self.write("prog.py", "import part\ndef g():\n    part.f()\n"
                              "g()\npart.f()\n")
        done, _ = self.record("prog.py", "--call-counts")
        self.assertTrue(done.out.endswith(
            "\n*** prog.py ***\n"
            f"  --> {self.scratch}/part.py\n"
            "    prog.<module> -> part.f, calls: 1\n"
            "    prog.<module> -> prog.g, calls: 1\n"
            "    prog.g -> part.f, calls: 1\n"), done.out)

    def test_count_and_listfuncs_with_it(self):
        self.write("prog.py", "def f():\n    return 1\nf()\n")
        done = self.pytrace("-cT", "prog.py")
        self.assertIn("prog.<module> -> prog.f\n", done.out)
        self.assertIn("    1:     return 1\n", self.listing("prog"))
        done = self.pytrace("-lT", "prog.py")
        self.assertIn("funcname: f\n", done.out)
        self.assertIn("prog.<module> -> prog.f\n", done.out)

    def test_scope(self):
        self.write("part.py", "def f(g):\n    return g()\n")
        self.write("prog.py", "import part\npart.f(lambda: 1)\n")
        done, _ = self.record("prog.py", "--ignore-module", "part")
        self.assertEqual(["part.f -> prog.<lambda>"],
                         [match[0].strip()
                          for match in CALL.finditer(done.out)])

    def test_killed(self):
        self.write("prog.py", "import os\n"
                              "def f(n):\n"
                              "    if n == 9:\n"
                              "        os.kill(os.getpid(), 9)\n"
                              "for i in range(10):\n"
                              "    f(i)\n")
        done, _ = self.record("prog.py", "--call-counts",
                              status=-signal.SIGKILL)
        self.assertIn("prog.<module> -> prog.f, calls: 10\n", done.out)

    def test_forked(self):
        self.write("prog.py", "import os\n"
                              "def f():\n"
                              "    return 1\n"
                              "f()\n"
                              "if os.fork():\n"
                              "    os.wait()\n"
                              "f()\n")
        done, _ = self.record("prog.py", "--call-counts")
        self.assertIn("prog.<module> -> prog.f, calls: 3\n", done.out)


class GraphTest(CallersCase):

    PROGRAM = ("def twice(n):\n"
               "    return once(n) + once(n)\n"
               "def once(n):\n"
               "    return n and once(n - 1)\n"
               "def gives():\n"
               "    yield 1\n"
               "    yield 2\n"
               "twice(2)\n"
               "sum(gives())\n")

    def setUp(self):
        super().setUp()
        self.write("prog.py", self.PROGRAM)

    def test_json(self):
        done, _ = self.record("prog.py", "--callgraph", "json")
        graph = json.loads(done.out)
        names = [function["name"] for function in graph["functions"]]
        self.assertEqual([("<module>", 1, 1), ("gives", 5, 1),
                          ("once", 3, 6), ("twice", 1, 1)],
                         [(function["name"], function["line"],
                           function["calls"])
                          for function in graph["functions"]])
        self.assertEqual(
            {(None, "<module>", 1, 0), ("<module>", "twice", 1, 0),
             ("<module>", "gives", 1, 2), ("twice", "once", 2, 0),
             ("once", "once", 4, 0)},
            {(None if call["caller"] is None else names[call["caller"]],
              names[call["callee"]], call["calls"], call["resumed"])
             for call in graph["calls"]})
        again = self.pytrace("report", "--callgraph=json", "run.pytrace")
        self.assertEqual(done.out, again.out)

    def test_dot(self):
        done, _ = self.record("prog.py", "--callgraph", "dot")
        self.assertTrue(done.out.startswith("digraph calls {\n"))
        self.assertTrue(done.out.endswith("}\n"))
        self.assertIn('f2 [label="prog.once", tooltip="prog.py:3"];',
                      done.out)
        self.assertIn('f2 -> f2 [label="4"];', done.out)

    def test_text(self):
        done, _ = self.record("prog.py", "--callgraph", "text")
        self.assertIn("           1  prog.twice (prog.py:1)\n"
                      "           2      -> prog.once (prog.py:3)\n",
                      done.out)
        self.assertIn("prog.gives (prog.py:5), resumed 2\n", done.out)

    def test_needs_trackcalls(self):
        done = self.pytrace("--count", "--callgraph=dot", "prog.py")
        self.assertEqual(2, done.status)
        self.assertIn("--callgraph can only be used with --trackcalls",
                      done.err)


if __name__ == "__main__":
    unittest.main()
