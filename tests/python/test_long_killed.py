"""SIGKILL at 50 random moments of each of the programs of test_killed.

PT_KILLED_MOMENTS says how many; the message of a failure has the seed.
"""

import os
import random
import unittest

from killed import PROGRAMS, KilledCase

MOMENTS = int(os.environ.get("PT_KILLED_MOMENTS", "50"))


class ManyMomentsTest(KilledCase):

    def check_program(self, name):
        read = 0
        for _ in range(MOMENTS):
            seed = random.randrange(1 << 32)
            with self.subTest(name, seed=seed):
                read += self.check(name, seed)
        # Some are killed before there is anything, but hardly all.
        self.assertGreater(read, 0)


for program in PROGRAMS:
    setattr(ManyMomentsTest, f"test_{program}",
            lambda self, name=program: self.check_program(name))

if __name__ == "__main__":
    unittest.main()
