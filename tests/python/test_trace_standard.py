"""CPython's own tests of `trace`, with pytrace.trace in its place, and with
the program in that of `python -m trace`."""

import os
import sys
import unittest

import support
from support import Case

# Runs the tests in a child whose `trace` is ours; where they start `python -m
# trace`, that is the module named in the command line.
DRIVER = """
import os, sys, unittest
import pytrace.trace
sys.modules["trace"] = pytrace.trace
from test.support import script_helper

handed_over = 0

def replace(name):
    original = getattr(script_helper, name)
    def run(*words, **env):
        global handed_over
        words = list(words)
        if words[:2] == ["-m", "trace"]:
            words[1] = sys.argv[1]
            handed_over += 1
        env = {"__isolated": False, "PYTHONPATH": os.environ["PYTHONPATH"],
               **env}
        return original(*words, **env)
    setattr(script_helper, name, run)

replace("assert_python_ok")
replace("assert_python_failure")
from test import test_trace
assert test_trace.Trace is pytrace.trace.Trace
result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(
    unittest.defaultTestLoader.loadTestsFromModule(test_trace))
print(result.testsRun, len(result.skipped), handed_over,
      result.wasSuccessful())
"""


PROGRAM = """
import os, sys
words = [os.environ["PT_PROGRAM"], "--python", sys.executable, *sys.argv[1:]]
os.execv(words[0], words)
"""


class StandardTests(Case):

    def setUp(self):
        super().setUp()
        support.standard_tests("test_trace")

    def check(self, command):
        path = os.pathsep.join([support.PACKAGE, os.fspath(self.scratch)])
        done = self.python("-c", DRIVER, command, env=support.environment(
            PYTHONPATH=path, PT_PROGRAM=support.PYTRACE))
        self.assertEqual(0, done.status, done.err[-3000:])
        run, skipped, handed_over, good = done.out.split()[-4:]
        self.assertEqual("True", good, done.err[-3000:])
        self.assertGreaterEqual(int(run), 26)
        self.assertEqual(0, int(skipped))
        self.assertGreaterEqual(int(handed_over), 12)

    def test_the_module(self):
        self.check("pytrace.trace")

    def test_the_program(self):
        self.write("program.py", PROGRAM)
        self.check("program")


if __name__ == "__main__":
    unittest.main()
