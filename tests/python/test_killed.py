"""SIGKILL at a random moment: what was recorded until then is read."""

import random
import unittest

from killed import PROGRAMS, KilledCase


class KilledTest(KilledCase):

    def test_each_program(self):
        for name in PROGRAMS:
            seed = random.randrange(1 << 32)
            with self.subTest(name, seed=seed):
                self.check(name, seed)


if __name__ == "__main__":
    unittest.main()
