"""`pytrace top`: plain in a pipe, drawn anew on a terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import unittest

from support import PY, PYTRACE, Case, environment

PROGRAM = """\
import sys
KEPT = []
for number in range(30):
    KEPT.append(bytes(5000))
print("there", flush=True)
sys.stdin.read()
for number in range(70):
    KEPT.append(bytes(5000))
"""


class TopTest(Case):
    def start(self):
        self.write("prog.py", PROGRAM)
        process = subprocess.Popen(
            [PYTRACE, "--python", PY, "--count", "--mem", "-C", "cov", "-o",
             "run.pytrace", "prog.py"],
            cwd=self.scratch, env=environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.addCleanup(process.communicate)
        self.assertEqual("there\n", process.stdout.readline())
        return process

    def test_pipe(self):
        process = self.start()
        done = self.pytrace("top", "--top", "3", "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        self.assertNotIn("\x1b", done.out)
        self.assertNotRegex(done.out, r"(?m) $")
        self.assertRegex(done.out, r"(?m)^ +31 .* prog.py:3  for number")
        self.assertRegex(done.out, r"(?m)^ +30 +14\d KiB  prog.py:4  KEPT")
        self.assertIn("had not ended", done.out)
        self.assertIn("still being written", done.err)
        process.communicate("")
        done = self.pytrace("top", "run.pytrace")
        self.assertRegex(done.out, r"(?m)^ +70 .* prog.py:8  KEPT")
        self.assertIn("ended normally", done.out)

    def test_terminal(self):
        process = self.start()
        ours, its = pty.openpty()
        self.addCleanup(os.close, ours)
        with subprocess.Popen(
                [PYTRACE, "top", "--interval", "0.1", "run.pytrace"],
                cwd=self.scratch, env=environment(), stdout=its,
                stderr=its) as top:
            os.close(its)
            seen = b""
            while seen.count(b"\x1b[H\x1b[2J") < 3:
                seen += os.read(ours, 65536)
            process.communicate("")
            while b"ended normally" not in seen:
                seen += os.read(ours, 65536)
        self.assertEqual(0, top.returncode)
        self.assertIn(b"prog.py:8  KEPT", seen)
        self.assertNotIn(b"still being written", seen)

    def test_fits_the_terminal(self):
        process = self.start()
        process.communicate("")
        ours, its = pty.openpty()
        self.addCleanup(os.close, ours)
        rows, columns = 12, 40
        fcntl.ioctl(its, termios.TIOCSWINSZ,
                    struct.pack("4H", rows, columns, 0, 0))
        with subprocess.Popen([PYTRACE, "top", "run.pytrace"],
                              cwd=self.scratch, env=environment(), stdout=its,
                              stderr=subprocess.DEVNULL) as top:
            os.close(its)
            seen = b""
            while seen.count(b"\n") < rows - 1:
                seen += os.read(ours, 65536)
        self.assertEqual(0, top.returncode)
        lines = seen.decode().removeprefix("\x1b[H\x1b[2J").split("\r\n")
        # The last one is where the cursor is.
        self.assertEqual((rows, ""), (len(lines), lines[-1]))
        self.assertEqual(columns, max(map(len, lines)))

    def test_usage(self):
        for words in (["--interval", "soon"], ["--interval=-1"]):
            done = self.pytrace("top", *words, "run.pytrace")
            self.assertEqual(2, done.status)
            self.assertIn("--interval is a time in seconds", done.err)


if __name__ == "__main__":
    unittest.main()
