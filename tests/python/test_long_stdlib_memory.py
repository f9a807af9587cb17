"""Tests of the standard library while memory is traced: same outcomes.

Under `pytrace --mem`, and with pytrace.tracemalloc started in the place of the
standard module; the sizes of all lines then add up to what is traced.
"""

import json
import unittest

import support
from support import PACKAGE, Case, environment, standard_tests

MODULES = """test_dict test_list test_set test_bytes test_array test_struct
test_re test_dataclasses test_functools test_collections test_generators
test_coroutines test_weakref test_gc test_ctypes test_sqlite3 test_zlib
test_pickle test_json test_decimal""".split()
RUN = """\
import gc, importlib, json, sys, unittest


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.outcomes = {}

    def addSuccess(self, test):
        self.outcomes[test.id()] = "ok"

    def addSkip(self, test, reason):
        self.outcomes[test.id()] = "skipped: " + reason

    def addError(self, test, error):
        self.outcomes[test.id()] = "error"

    addFailure = addExpectedFailure = addError

    def addSubTest(self, test, subtest, error):
        if error:
            self.outcomes[subtest.id()] = "error"


def tests_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        else:
            yield test


def main(module, tracemalloc=None):
    if tracemalloc:
        tracemalloc.start()
    suite = unittest.defaultTestLoader.loadTestsFromName("test." + module)
    result = Result()
    unittest.TestSuite(tests_of(suite)).run(result)
    if tracemalloc:
        gc.collect()
        current = tracemalloc.get_traced_memory()[0]
        lines = tracemalloc.take_snapshot().statistics("lineno")
        total = sum(line.size for line in lines)
        assert abs(total - current) < 2000, (total, current)
        tracemalloc.stop()
    with open(sys.argv[2], "w") as file:
        json.dump(result.outcomes, file)


if __name__ == "__main__":
    if sys.argv[3:]:
        import pytrace.tracemalloc
        sys.modules["tracemalloc"] = pytrace.tracemalloc
        main(sys.argv[1], pytrace.tracemalloc)
    else:
        main(sys.argv[1])
"""


class StandardLibraryTest(Case):

    def setUp(self):
        super().setUp()
        support.TIMEOUT_SECONDS = 1800
        self.write("run.py", RUN)

    def outcomes(self, done):
        self.assertEqual(0, done.status, done.err)
        return json.loads((self.scratch / "outcomes").read_text())

    def check(self, module):
        plain = self.outcomes(self.python("run.py", module, "outcomes"))
        self.assertGreater(len(plain), 20)
        done = self.pytrace("--mem", "run.py", module, "outcomes")
        self.assertEqual(plain, self.outcomes(done))
        self.assertRegex(done.out, r"memory at the end +[\d.]+ [KM]iB in ")
        done = self.python("run.py", module, "outcomes", "in its place",
                           env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(plain, self.outcomes(done))

    def test_modules(self):
        for module in standard_tests(*MODULES):
            with self.subTest(module):
                self.check(module)


if __name__ == "__main__":
    unittest.main()
