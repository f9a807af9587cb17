"""-t where code itself tells of its lines: all of it, and nothing but it.

That is so on 3.11; what is expected holds everywhere.
"""

import sys
import unittest

import random_programs
import support
from support import Case
from test_printing import LIBRARIES, lines_of
from test_probe_random import MAIN

# The standard module goes by __file__, which a module that is cleared has not.
KEEPING = MAIN.replace("vars(module).clear()",
                       "name = module.__file__\n"
                       "    vars(module).clear()\n"
                       "    module.__file__ = name")


class SameTest(Case):

    def check(self, *words):
        wanted = self.python("-W", "ignore", "-m", "trace", "-t", LIBRARIES,
                             *words)
        self.assertEqual(0, wanted.status, wanted.err)
        done = self.pytrace("-t", *words,
                            env=support.environment(PYTHONWARNINGS="ignore"))
        self.assertEqual((0, wanted.out), (done.status, done.out))
        return wanted.out

    def test_exceptions_that_enter_frames(self):
        self.copy("thrown_into.py")
        self.assertIn("interrupted\n", self.check("thrown_into.py"))

    def test_random_programs(self):
        names = [self.write(f"random_{seed}.py",
                            random_programs.program(seed))[:-3]
                 for seed in range(8)]
        self.write("main.py", KEEPING)
        self.assertGreater(len(self.check("main.py", *names).splitlines()),
                           8000)


class SeenTest(Case):

    def lines(self, program, status=0, **changes):
        self.write("prog.py", program)
        done = self.pytrace("-t", "prog.py",
                            env=support.environment(**changes))
        self.assertEqual(status, done.status, done.err)
        return lines_of(done.out)

    def test_modules_without_lines(self):
        self.write("empty.py", "# nothing\n")
        self.write("package/__init__.py", "")
        # Not followed by the end of a line, before 3.13.
        self.assertIn(
            " --- modulename: prog, funcname: <module>\n"
            "prog.py(1): import empty, package\n"
            " --- modulename: empty, funcname: <module>\n"
            "empty.py(0):  --- modulename: __init__, funcname: <module>\n"
            "__init__.py(0): prog.py(2): x = 1",
            "\n".join(self.lines("import empty, package\nx = 1\n"))
            .replace("\n--", "").replace("(0):\n", "(0): "))

    def test_code_that_was_there_before(self):
        self.write("site/sitecustomize.py", "import early\n")
        self.write("site/early.py", "def f():\n    return g()\n"
                                    "def g():\n    return 1\n")
        self.assertEqual(
            ["prog.py(2): early.f()", " --- modulename: early, funcname: f",
             "early.py(2): return g()", " --- modulename: early, funcname: g",
             "early.py(4): return 1"],
            self.lines("import early\nearly.f()\n",
                       PYTHONPATH=self.scratch / "site")[-5:])

    def test_code_by_hand(self):
        program = ("import types\n"
                   "text = 'def f():\\n    return 1\\n'\n"
                   "code = compile(text, 'made.py', 'exec').co_consts[0]\n"
                   "f = types.FunctionType(code, {})\n"
                   "f()\n"
                   "exec(compile('a = 1', 'made.py', 'exec'))\n"
                   "eval(compile('a', 'made.py', 'eval'))\n")
        self.write("made.py", "x = 0\ny = 1\n")
        self.assertEqual(
            ["prog.py(5): f()", " --- modulename: made, funcname: f",
             "made.py(2): y = 1",
             "prog.py(6): exec(compile('a = 1', 'made.py', 'exec'))",
             " --- modulename: made, funcname: <module>", "made.py(1): x = 0",
             "prog.py(7): eval(compile('a', 'made.py', 'eval'))",
             " --- modulename: made, funcname: <module>", "made.py(1): x = 0"],
            self.lines(program)[-9:])

    @unittest.skipIf(hasattr(sys, "monitoring"), "there all code has events")
    def test_code_that_cannot_tell(self):
        self.write("prog.py", "def f():\n"
                              "    return 1\n"
                              "f.__code__ = f.__code__.replace("
                              "co_exceptiontable=b'\\x80')\n"
                              "f()\n")
        done = self.pytrace("-t", "prog.py")
        self.assertIn("prog.py(4): f()\n", done.out)
        self.assertNotIn("funcname: f", done.out)
        self.assertRegex(
            done.err,
            r"\Apytrace: the lines of 1 functions could not be shown, the "
            r"first is 'f' \(.*prog\.py:1\); --count shows them, too\n\Z")
        done = self.pytrace("-t", "-c", "-C", "covers", "prog.py")
        self.assertIn("prog.py(2):     return 1\n", done.out)

    def test_the_trace_function_is_the_programs(self):
        self.assertEqual(
            ["prog.py(2): assert sys.gettrace() is None"],
            self.lines("import sys\nassert sys.gettrace() is None\n")[-1:])

    def test_handler_that_raises_while_nobody_reads(self):
        self.write("prog.py", "import os, signal\n"
                              "def on_alarm(number, frame):\n"
                              "    os.mkdir('raised')\n"
                              "    raise KeyError\n"
                              "signal.signal(signal.SIGALRM, on_alarm)\n"
                              "signal.setitimer(signal.ITIMER_REAL, 0.3)\n"
                              "try:\n"
                              "    while True:\n"
                              "        x = 1\n"
                              "except KeyError:\n"
                              "    x = 2\n")
        done = self.run_command(
            "sh", "-c", '"$@" | { until [ -d raised ]; do sleep 0.05; done; '
            "tail -1; }", "sh", support.PYTRACE, "-t", "prog.py")
        self.assertEqual(["prog.py(11): x = 2"], lines_of(done.out))
        self.assertEqual("", done.err)


if __name__ == "__main__":
    unittest.main()
