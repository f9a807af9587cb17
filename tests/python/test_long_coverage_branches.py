"""What coverage.py reports of our data file is what it reports of its own.

It is fetched for the test; where no index can be reached it is skipped.
"""

import json
import os
import unittest

import support
from test_branch import PROGRAMS


class CoverageReportTest(support.Case):
    @classmethod
    def setUpClass(cls):
        cls.path = support.fetch(cls, "coverage")

    def coverage(self, data, *words):
        done = self.python("-m", "coverage", *words, env=support.environment(
            PYTHONPATH=self.path, COVERAGE_FILE=data))
        self.assertEqual(0, done.status, done.err)
        return done.out

    def reported(self, data, program):
        """All that coverage.py tells of a program, for people and as data."""
        self.coverage(data, "json", "-q", "-o", data + ".json")
        files = json.loads((self.scratch / (data + ".json")).read_text())
        text = self.coverage(data, "report", "-m", "--include", program)
        return files["files"][program], text

    def check(self, program, *options):
        ours = "ours" + "".join(options)
        theirs = "theirs" + "".join(options)
        done = self.pytrace("--count", *options, "-C", "cov", "-o",
                            "run.pytrace", program)
        self.assertEqual(0, done.status, done.err)
        done = self.pytrace("export", "--to", "coveragepy", "-o", ours,
                            "run.pytrace")
        self.assertEqual((0, "", ""), done)
        self.coverage(theirs, "run", *options, program)
        self.assertEqual(self.reported(theirs, program),
                         self.reported(ours, program))


def add_program_test(program):
    def test(self):
        self.copy(program)
        self.check(program)
        self.check(program, "--branch")
    test.__doc__ = f"{program}: the same lines and branches"
    name = os.path.splitext(program)[0]
    setattr(CoverageReportTest, "test_" + name, test)


for name in PROGRAMS:
    add_program_test(name)


if __name__ == "__main__":
    unittest.main()
