"""Golden recordings that were destroyed: refused, or read as far as they hold.

tests/golden/corrupt.py has what was done to each and what is to be said of it.
Of what is read the other reader must say the same.
"""

import subprocess
import unittest

from recording_reader import Recording, Refused
from support import PYTRACE
from test_golden import ReadersCase  # it knows where these two are
import corrupt
import make

COMMANDS = (["info"], ["check"], ["report", "-C", "cover"], ["dump"],
            ["leaks"], ["export", "--to", "csv"], ["top"])


class CorruptTest(ReadersCase):

    def destroy(self, name):
        one = corrupt.CORRUPT[name]
        whole = make.unpack(one.golden, self.scratch)
        run = Recording(whole)
        data = one.change(run.data, sorted(
            run.extents, key=lambda extent: extent[3]))
        self.assertNotEqual(data, run.data)
        path = self.scratch / "bad.recording"
        path.write_bytes(data)
        return one, path

    def test_refused(self):
        for name, one in corrupt.CORRUPT.items():
            if not one.message:
                continue
            one, path = self.destroy(name)
            for words in COMMANDS:
                with self.subTest(name, words=words):
                    done = self.pytrace(*words, path)
                    self.assertEqual(done.status, 1, done.out)
                    self.assertIn(one.message, done.err)
                    self.assertIn("bad.recording", done.err)
            with self.subTest(name):
                self.check_other_reader(path)

    def check_other_reader(self, path):
        try:
            run = Recording(path)
        except Refused:
            return
        self.assertEqual(run.processes, {})

    def test_read_as_far_as_it_holds(self):
        for name, one in corrupt.CORRUPT.items():
            if not one.found:
                continue
            with self.subTest(name):
                one, path = self.destroy(name)
                done = self.pytrace("check", path)
                self.assertEqual(done.status, 1, done.out)
                self.assertIn(one.found, done.out)
                for words in COMMANDS:
                    done = subprocess.run([PYTRACE, *words, path],
                                          cwd=self.scratch, timeout=60,
                                          capture_output=True)
                    self.assertIn(done.returncode, (0, 1), done.stderr)


if __name__ == "__main__":
    unittest.main()
