# SPDX-License-Identifier: MIT
"""Minutes of damaged recordings: `pytrace report` refuses or reads each.

PT_FUZZ_SECONDS says how long (180). The message of a failure has the seed,
with which PT_FUZZ_SEED repeats it: what is damaged are the golden recordings.
Under the asan preset a read or write out of bounds fails the test as well.
"""
import gzip
import os
import pathlib
import random
import resource
import subprocess
import time
import unittest

from support import PYTRACE, Case

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
SECONDS = float(os.environ.get("PT_FUZZ_SECONDS", "180"))
SEED = os.environ.get("PT_FUZZ_SEED")


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


def limit_time():
    """A minute of the processor's, not of the clock's: for what hangs."""
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


class FuzzTest(Case):

    def setUp(self):
        super().setUp()
        self.whole = {
            path.name: gzip.decompress(path.read_bytes())
            for path in sorted(GOLDEN.glob("*.recording.gz"))}
        for program in GOLDEN.glob("*.py"):
            self.write(program.name, program.read_text())

    def check_report(self, seed):
        dice = random.Random(seed)
        name = dice.choice(list(self.whole))
        broken = bytes(damage(bytearray(self.whole[name]), dice))
        (self.scratch / "broken.pytrace").write_bytes(broken)
        done = subprocess.run(
            [PYTRACE, "report", "-m", "-s", "-C", "cover",
             "broken.pytrace"], cwd=self.scratch, capture_output=True,
            preexec_fn=limit_time)
        where = f"{name}: repeat with PT_FUZZ_SEED={seed}"
        self.assertIn(done.returncode, (0, 1), where)
        self.assertNotIn(b"Sanitizer", done.stderr, where)

    def test_report(self):
        self.assertGreater(len(self.whole), 8)
        if SEED is not None:
            self.check_report(int(SEED))
            return
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            self.check_report(random.randrange(1 << 32))


if __name__ == "__main__":
    unittest.main()
