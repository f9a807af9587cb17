"""As test_replay, with PT_REPLAY_PROGRAMS (50) programs never seen before.

The message of a failure has the seed.
"""

import os
import random
import unittest

from replay import ALL, EXTENSIONS, HAS_NATIVE, ReplayCase

PROGRAMS = int(os.environ.get("PT_REPLAY_PROGRAMS", "50"))
OPTIONS = [ALL, (*ALL, "--ring=1M"), (*ALL, "--last=1ms"),
           ("--count", "--timeline=calls"), ("--mem", "--timeline=allocs")]
if HAS_NATIVE:
    OPTIONS.append(("--mem", "--native", "--timeline=allocs"))


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
class ManyReplayTest(ReplayCase):

    def test_programs(self):
        for i in range(PROGRAMS):
            options = OPTIONS[i % len(OPTIONS)]
            seed, turns = random.randrange(1 << 32), random.randrange(1500)
            if "--ring=1M" in options:
                turns += 5000  # an event takes little more than a byte
            with self.subTest(options, seed=seed, turns=turns):
                self.check(self.record(seed, turns, *options))


if __name__ == "__main__":
    unittest.main()
