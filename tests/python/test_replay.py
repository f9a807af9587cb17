"""What events add up to is what was counted, of random programs."""

import os
import unittest

from replay import ALL, EXTENSIONS, ReplayCase


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
class ReplayTest(ReplayCase):

    def test_all_events(self):
        for seed in 1, 3:
            with self.subTest(seed=seed):
                self.assertGreater(self.check(self.record(seed, 200, *ALL)),
                                   20_000)

    def test_calls_beside_probes(self):
        self.check(self.record(4, 200, "--count", "--timeline=calls"))

    def test_blocks_alone(self):
        self.check(self.record(5, 300, "--mem", "--timeline=allocs"))

    def test_the_last_moment(self):
        run = self.record(6, 800, *ALL, "--last=1ms")
        self.assertFalse(self.begins(run, 0))
        self.check(run)


if __name__ == "__main__":
    unittest.main()
