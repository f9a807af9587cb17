"""Commands take little memory, however large the recording is."""

import json
import sys
import unittest

from peaks import CALLS, PAIRS, SNAPSHOTS, PeaksCase
from support import without_asan

MIB = 1 << 20
EXPORTS = ("json", "csv", "lcov", "cobertura", "coveragepy", "collapsed",
           "speedscope", "pprof")


@without_asan
class PeaksTest(PeaksCase):

    def test_many_events(self):
        path = self.record("calls.pytrace", CALLS, "--count",
                           "--timeline=calls", words=[8])
        for words in (["dump"], ["export", "--to", "chrome"],
                      ["export", "--to", "perfetto"], ["check"], ["info"]):
            with self.subTest(words):
                peak = self.peak(*words, path)
                size = (self.scratch / "output").stat().st_size
                self.assertLess(peak, 24 * MIB)
                # It would not fit if it were kept.
                if words[0] in ("dump", "export"):
                    self.assertGreater(size, 32 * MIB)

    def test_many_pairs(self):
        path = self.record("pairs.pytrace", PAIRS, "--count", "--mem")
        self.with_pairs(path, 200 * MIB)
        for words in (["check"], ["report", "-C", "cover"],
                      *(["export", "-o", "made", "--to", name]
                        for name in EXPORTS)):
            with self.subTest(words):
                self.assertLess(self.peak(*words, path), 128 * MIB)
        # Two of them.
        self.assertLess(self.peak("diff", path, path), 180 * MIB)

    def test_deep_stacks(self):
        """Stacks share the frames that they have in common."""
        lines = "".join(f"    KEPT.append(bytes({n}))\n"
                        for n in range(100, 2100))
        path = self.record(
            "deep.pytrace", "KEPT = []\ndef go(depth):\n"
            "    if depth:\n        return go(depth - 1)\n"
            f"{lines}go(200)\n", "--mem")
        for name in "collapsed", "speedscope", "pprof":
            self.assertLess(self.peak("export", "--to", name, "-o", "made",
                                      path), 40 * MIB)
        self.assertEqual(0, self.pytrace("export", "--to", "collapsed", "-o",
                                         "made", path).status)
        deep = [line for line in
                (self.scratch / "made").read_text().splitlines()
                if line.count(";") == 201]
        self.assertGreaterEqual(len(deep), 2000)

    def test_snapshots(self):
        path = self.record("pairs.pytrace", SNAPSHOTS, "--count", "--mem")
        self.with_pairs(path, 200 * MIB)
        self.assertLess(self.peak("report", "-C", "cover", f"{path}@a"),
                        128 * MIB)
        self.assertLess(self.peak("diff", "--json", f"{path}@a", f"{path}@b"),
                        180 * MIB)
        found = json.loads((self.scratch / "output").read_text())
        before, after = next(
            (change["before"], change["after"]) for change in found["changes"]
            if change["path"] == "prog.py" and change["after"]["line"] == 10)
        self.assertEqual(
            [100, 100, 100 * sys.getsizeof(bytes(1000))],
            [after[name] - before[name]
             for name in ("hits", "live_blocks", "live_bytes")])


if __name__ == "__main__":
    unittest.main()
