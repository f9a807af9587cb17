"""Every code object of the standard library: rewritten, nothing is lost."""

import os
import unittest

import support
from support import Case


# A sanitized build would take hours for all of them.
STEP = 10 if os.environ.get("PT_SANITIZE") else 1


class RewriteTest(Case):

    def test_standard_library(self):
        self.write("rewrites_all.py", (
            support.PROGRAMS / "probe/rewrites_all.py").read_text())
        support.TIMEOUT_SECONDS = 1800
        done = self.pytrace("--count", "--engine", "probe", "rewrites_all.py",
                            str(STEP))
        *problems, last = done.out.splitlines()
        self.assertEqual([], problems[:20])
        words = last.split()
        codes, rewritten = int(words[2]), int(words[4])
        self.assertGreater(codes, 10000 / STEP)
        # The rest are code that is left to the callback engine.
        self.assertGreater(rewritten, 0.97 * codes)


if __name__ == "__main__":
    unittest.main()
