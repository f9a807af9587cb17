"""A recording of 2 GB is read in 256 MB, by each command that reads one.

An eighth of it are events, the rest pairs. PT_LARGE_BYTES says how large.
"""

import os
import unittest

from peaks import CALLS, SNAPSHOTS, PeaksCase
from test_peaks import EXPORTS, MIB

BYTES = int(os.environ.get("PT_LARGE_BYTES", str(2 << 30)))
MOST = 256 * MIB
ROUND = 65536 * 7 // 2  # bytes of events of a round of CALLS, about


class LargeTest(PeaksCase):

    def check_peaks(self, path, *commands):
        for words in commands:
            with self.subTest(words):
                peak = self.peak(*words, path)
                print(f"{peak / MIB:6.1f} MiB  {' '.join(map(str, words))}",
                      flush=True)
                self.assertLess(peak, MOST)

    def test_events_and_pairs(self):
        path = self.record(
            "large.pytrace", SNAPSHOTS + CALLS, "--count", "--mem",
            "--timeline=calls", words=[BYTES // 8 // ROUND])
        self.assertGreater(path.stat().st_size, BYTES // 32)
        self.with_pairs(path, BYTES)
        self.assertGreaterEqual(path.stat().st_size, BYTES)
        self.check_peaks(
            path, ["info"], ["check"], ["report", "-C", "cover"],
            ["dump", "--kind", "mark"], ["diff", path], ["top"],
            *(["export", "-o", "made", "--to", name] for name in EXPORTS))
        self.check_peaks(f"{path}@a", ["report", "-C", "cover"],
                         ["diff", f"{path}@b"])
        self.assertLess(self.peak("leaks", path, status=1), MOST)


if __name__ == "__main__":
    unittest.main()
