"""Standard tracemalloc, started before us, takes our hooks out as it stops."""

import re
import unittest

from support import PACKAGE, Case, environment

BEGIN = """\
import pytrace, tracemalloc
TURNS = [None] * 10000
one = b"1"
def brief():
    for _ in TURNS:
        one * 1000
"""
MISSING = ("pytrace: another tool put Python's allocators back as they were "
           "before pytrace began")


class MeddledTest(Case):

    def check(self, program, option="--mem", *, missing, seen, before="1"):
        self.write("prog.py", BEGIN + program)
        done = self.pytrace(
            option, "--mem-churn", "--mem-filter=*prog.py", "prog.py",
            env=environment(PYTHONPATH=PACKAGE, PYTHONTRACEMALLOC=before))
        self.assertEqual(0, done.status, done.err)
        self.assertEqual(missing, MISSING in done.err, done.err)
        if seen is not None:
            found = re.search(r"prog\.py:6: .*?, count=(\d+); .*?, "
                              r"count=(\d+); temporary=.*?, count=(\d+)\n",
                              done.out)
            self.assertEqual([str(seen)] * 3, list(found.groups()), done.out)

    def test_left_alone(self):
        self.check("brief()\n", missing=False, seen=10000)

    def test_started_by_the_program(self):
        """Then it is in front of us, and leaves us where we are."""
        self.check("tracemalloc.start()\ntracemalloc.stop()\nbrief()\n",
                   before=None, missing=False, seen=10000)

    def test_not_noticed_before_the_end(self):
        self.check("brief()\ntracemalloc.stop()\nbrief()\n",
                   missing=True, seen=10000)

    def test_noticed_by_a_snapshot(self):
        self.check("tracemalloc.stop()\npytrace.snapshot('now')\nbrief()\n",
                   missing=True, seen=10000)

    def test_sampled(self):
        self.check("brief()\n", "--mem=sample", missing=False, seen=None)
        self.check("tracemalloc.stop()\n", "--mem=sample", missing=True,
                   seen=None)


if __name__ == "__main__":
    unittest.main()
