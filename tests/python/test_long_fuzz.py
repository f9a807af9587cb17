# SPDX-License-Identifier: MIT
"""Minutes of damaged recordings: `pytrace report` refuses or reads each.

PT_FUZZ_SECONDS says how long (180); the message of a failure has the seed.
Under the asan preset a read or write out of bounds fails the test as well.
"""
import os
import random
import subprocess
import time
import unittest

from support import PYTRACE, Case

SECONDS = float(os.environ.get("PT_FUZZ_SECONDS", "180"))
PROGRAM = """\
import os
kept = [str(n) * 9 for n in range(500)]
if os.fork() == 0:
    os._exit(0)
os.wait()
"""


def damage(data, dice):
    """Flip, zero, copy, cut: one to eight times."""
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(data))
        kind = dice.randrange(5)
        if kind == 0:
            data[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            data[at] = dice.choice((0, 1, 127, 128, 255))
        elif kind == 2:
            data[at:at + 8] = dice.randbytes(8)
        elif kind == 3:
            start = dice.randrange(len(data))
            data[at:at + 64] = data[start:start + 64]
        elif len(data) > 8192 and dice.random() < 0.2:
            del data[at:]
            data = data or bytearray(1)
    return data


class FuzzTest(Case):

    def test_report(self):
        self.write("kept.py", PROGRAM)
        self.pytrace("--count", "--mem", "-o", "kept.pytrace", "kept.py")
        whole = (self.scratch / "kept.pytrace").read_bytes()
        seed = random.randrange(1 << 32)
        dice = random.Random(seed)
        end = time.monotonic() + SECONDS
        turns = 0
        while time.monotonic() < end:
            broken = bytes(damage(bytearray(whole), dice))
            (self.scratch / "broken.pytrace").write_bytes(broken)
            done = subprocess.run(
                [PYTRACE, "report", "-m", "-s", "-C", "cover",
                 "broken.pytrace"], cwd=self.scratch, capture_output=True,
                timeout=60)
            self.assertIn(done.returncode, (0, 1), f"seed {seed}")
            self.assertNotIn(b"Sanitizer", done.stderr, f"seed {seed}")
            turns += 1
        self.assertGreater(turns, 10 * SECONDS / 60)


if __name__ == "__main__":
    unittest.main()
