"""What is no whole recording is refused by every command that reads one."""

import json
import os
import shutil
import stat
import struct
import subprocess
import unittest

from support import PACKAGE, PY, PYTRACE, Case, environment

# Every command with a recording as its only word.
COMMANDS = [
    ("report",),
    ("info",), ("info", "--json"), ("check",), ("leaks",), ("dump",), ("top",),
    *(("export", "--to", name, "-o", "x") for name in (
        "json", "csv", "lcov", "cobertura", "coveragepy", "collapsed",
        "speedscope", "pprof", "chrome", "perfetto")),
    ("diff", "run.pytrace"), ("diff", "--json", "run.pytrace"),
    ("combine", "-o", "all.pytrace"),
]
# The same from Python; what check() finds in a file is no error.
FUNCTIONS = [
    "report(BAD)", "info(BAD)", "leaks(BAD)", "list(events(BAD))", "top(BAD)",
    "export(BAD, 'json')", "export(BAD, 'lcov')",
    "diff('run.pytrace', BAD)", "diff(BAD, 'run.pytrace')",
    "combine([BAD], 'all.pytrace')", "check(BAD)",
]
ASK = '''
import json, sys
from pytrace.recording import *
BAD = sys.argv[1]
said = {}
for function in sys.argv[2:]:
    try:
        eval(function)
        said[function] = None
    except RecordingError as error:
        said[function] = str(error)
print(json.dumps(said))
'''
NOBODY = 65534
# Offsets of docs/format.md.
VERSION, BYTE_ORDER, ALIGN, FILE_END = 8, 12, 16, 40

PROGRAM = """\
KEPT = []
for number in range(50):
    KEPT.append(bytes(1000 + number))
"""


class RecordedTest(Case):
    def setUp(self):
        super().setUp()
        self.write("keep.py", PROGRAM)
        done = self.pytrace("--count", "--mem", "-C", "cov", "-o",
                            "run.pytrace", "keep.py")
        self.assertEqual(0, done.status, done.err)
        self.whole = self.read("run.pytrace")

    def read(self, name):
        return (self.scratch / name).read_bytes()

    def changed(self, offset, bytes_):
        """A copy of the recording with other bytes at an offset."""
        data = bytearray(self.whole)
        data[offset:offset + len(bytes_)] = bytes_
        (self.scratch / "bad.pytrace").write_bytes(data)


class RefusedTest(RecordedTest):
    def refuses(self, *message, commands=COMMANDS):
        for command in commands:
            with self.subTest(command=command):
                done = self.pytrace(*command, "bad.pytrace")
                for part in message:
                    self.assertIn(part, done.err)
                self.assertEqual(1, done.status, done.err)
                self.assertTrue(done.err.startswith("pytrace: "), done.err)
        for words in ("bad.pytrace", "run.pytrace"), ("bad.pytrace",) * 2:
            done = self.pytrace("diff", *words)
            self.assertEqual(1, done.status, done.err)
            self.assertIn(message[0], done.err)
        self.refuses_in_python(*message)

    def refuses_in_python(self, *message):
        done = self.python("-c", ASK, "bad.pytrace", *FUNCTIONS,
                           env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)
        for function, said in json.loads(done.out).items():
            if function == "check(BAD)" and said is None:
                continue
            for part in message:
                self.assertIn(part, said or "nothing", function)

    def test_no_file(self):
        self.refuses("'bad.pytrace': No such file or directory",
                     "check its path")

    def test_not_ours(self):
        self.write("bad.pytrace", "nothing of ours\n" * 1000)
        self.refuses("'bad.pytrace' is not a pytrace recording")

    def test_empty(self):
        """As a run leaves it that is killed before it has begun."""
        self.write("bad.pytrace", "")
        self.refuses("nothing was recorded in 'bad.pytrace': it is empty")

    def test_a_directory(self):
        (self.scratch / "bad.pytrace").mkdir()
        self.refuses("'bad.pytrace'")

    def test_version(self):
        self.changed(VERSION, struct.pack("=I", 9999))
        self.refuses("'bad.pytrace' has format version 9999",
                     "use the pytrace that wrote it")

    def test_byte_order(self):
        self.changed(BYTE_ORDER, struct.pack("=I", 0x04030201))
        self.refuses("'bad.pytrace' was written on a machine of the other "
                     "byte order")

    def test_alignment(self):
        self.changed(ALIGN, struct.pack("=I", 12345))
        self.refuses("'bad.pytrace' is damaged")

    def test_no_permission(self):
        self.changed(0, b"")
        (self.scratch / "bad.pytrace").chmod(stat.S_IWUSR)
        if os.geteuid() != 0:
            self.refuses("'bad.pytrace': Permission denied")
            return
        # Root may read everything, nobody may not; nor may he go to where
        # the program was built.
        self.scratch.chmod(0o755)
        shutil.copy(PYTRACE, self.scratch / "copy")
        for command in COMMANDS:
            done = self.run_command("./copy", *command, "bad.pytrace",
                                    user=NOBODY, group=NOBODY)
            with self.subTest(command=command):
                self.assertEqual(1, done.status, done.err)
                self.assertIn("'bad.pytrace': Permission denied", done.err)

    def test_truncated_in_the_header(self):
        (self.scratch / "bad.pytrace").write_bytes(self.whole[:1000])
        self.refuses("'bad.pytrace' is not a pytrace recording")

    def test_truncated_behind_it(self):
        (self.scratch / "bad.pytrace").write_bytes(self.whole[:4096])
        self.refuses("nothing was recorded in 'bad.pytrace'")

    def test_truncated_later(self):
        size = len(self.whole)
        for kept in (size - 1, size - 4096, size * 2 // 3, size // 2):
            (self.scratch / "bad.pytrace").write_bytes(self.whole[:kept])
            with self.subTest(kept=kept):
                self.refuses("the end of 'bad.pytrace' is missing")

    def test_usage(self):
        for command in COMMANDS:
            for words in ([], ["a", "b", "c"], ["--no-such", "run.pytrace"]):
                if command[0] == "combine" and len(words) > 1:
                    words = ["--no-such"]
                if command[0] == "diff" and words == []:
                    command = command[:-1]
                with self.subTest(command=command, words=words):
                    done = self.pytrace(*command, *words)
                    self.assertEqual(2, done.status, done.err)
                    self.assertIn("usage is", done.err)


class DamagedTest(RecordedTest):
    """`pytrace check` finds what is wrong, and nothing where all is well."""

    def check(self, *message):
        done = self.pytrace("check", "bad.pytrace")
        for part in message:
            self.assertIn(part, done.out)
        self.assertEqual(1, done.status)
        return done

    def extents(self):
        """(offset, segment, bytes) of each, as docs/format.md says."""
        align, = struct.unpack_from("=I", self.whole, ALIGN)
        at = align
        while at + 64 <= len(self.whole):
            magic, segment, _, _, offset, size = struct.unpack_from(
                "=4I2Q", self.whole, at)
            if magic == 0x54584550 and offset == at:
                yield at, segment, size
                at += size
            else:
                at += align

    def extent_of(self, segment):
        return next(extent for extent in self.extents()
                    if extent[1] == segment)

    def test_whole(self):
        done = self.pytrace("check", "run.pytrace")
        self.assertEqual(0, done.status, done.out)
        self.assertIn("all hold", done.out)

    def test_every_extent_header(self):
        for offset, segment, size in self.extents():
            if segment == 1:
                continue  # without its record the process is not there
            with self.subTest(offset=offset, segment=segment):
                self.changed(offset + 24, b"\xff")
                self.check(f"damaged: {size} bytes at {offset} are no extent")

    def test_pairs(self):
        offset, _, _ = self.extent_of(8)
        # The first pair's live blocks: docs/format.md has the layout.
        self.changed(offset + 64 + 56 + 16, struct.pack("=q", 10 ** 9))
        self.check("pair 1: more blocks live than were allocated",
                   "bytes live by its totals")
        self.changed(offset + 64 + 56 + 16, struct.pack("=q", -5))
        self.check("pair 1: fewer than no blocks live")
        self.changed(offset + 64 + 56 + 8, struct.pack("=I", 10 ** 8))
        self.check("pair 1: its context is missing (100000000)")

    def test_nodes(self):
        offset, _, _ = self.extent_of(7)
        self.changed(offset + 64 + 16, struct.pack("=I", 7))
        self.check("node 1: its parent is younger (7)")
        self.changed(offset + 64 + 16 + 4, struct.pack("=I", 10 ** 6))
        self.check("node 1: its code is missing (1000000)")

    def test_code(self):
        offset, _, _ = self.extent_of(4)
        self.changed(offset + 64 + 40, struct.pack("=I", 10 ** 6))
        self.check("code 1: its source is missing (1000000)")
        self.changed(offset + 64 + 40 + 4, struct.pack("=I", 2))
        self.check("code 1: its name is no text (2)")

    def test_files(self):
        offset, _, _ = self.extent_of(3)
        self.changed(offset + 64 + 32, struct.pack("=I", 10 ** 7))
        self.check("file 1: its path is no text (10000000)")

    def test_truncated(self):
        (self.scratch / "bad.pytrace").write_bytes(
            self.whole[:len(self.whole) - 1])
        self.check(f"damaged: the file ends at {len(self.whole) - 1} where "
                   f"{len(self.whole)} bytes were written")


class RunningTest(Case):
    def test_still_being_written(self):
        self.write(
            "wait.py",
            "import sys\nKEPT = bytes(100000)\n"
            "print('there', flush=True)\nsys.stdin.read()\n")
        with subprocess.Popen(
                [PYTRACE, "--python", PY, "--count", "--mem", "-C", "cov",
                 "-o", "run.pytrace", "wait.py"],
                cwd=self.scratch, env=environment(), text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL) as process:
            self.assertEqual("there\n", process.stdout.readline())
            for command in COMMANDS:
                with self.subTest(command=command):
                    words = (["-C", "now"] if command == ("report",) else [])
                    done = self.pytrace(*command, *words, "run.pytrace")
                    # There is nothing in it that leaks could tell.
                    self.assertEqual(int(command == ("leaks",)), done.status,
                                     done.err)
                    self.assertIn("'run.pytrace' is still being written",
                                  done.err)
            process.communicate("")
        done = self.pytrace("info", "run.pytrace")
        self.assertNotIn("still being written", done.err)


if __name__ == "__main__":
    unittest.main()
