"""Thousands of random programs: as test_probe_random, for an hour or so."""

import os
import unittest

import support
from test_probe_random import RandomCase

# Where to begin, and how many: other numbers are other programs.
FIRST = int(os.environ.get("PT_RANDOM_FIRST", "1000"))
PROGRAMS = int(os.environ.get("PT_RANDOM_PROGRAMS", "3000"))


class ManyRandomTest(RandomCase):

    def setUp(self):
        super().setUp()
        # A batch of fifty, on a machine that has much else to do.
        support.TIMEOUT_SECONDS = 900

    def test_many(self):
        excused = sum(self.check_equal(range(first, first + 50))
                      for first in range(FIRST, FIRST + PROGRAMS, 50))
        self.assertLessEqual(excused, 1 + PROGRAMS / 200)


if __name__ == "__main__":
    unittest.main()
