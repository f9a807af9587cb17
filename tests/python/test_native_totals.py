# SPDX-License-Identifier: MIT
"""Totals of native memory against jemalloc's own, to the byte.

A program copies the recording of its own run, beside what jemalloc counted for
its thread until then, before and after it uses a library. Blocks of all kinds
have to account for the difference: those of libraries and Python's.
"""
import importlib.util
import os
import struct
import textwrap
import unittest

import support
from recording_reader import Recording
from test_nativemem import HAS_TIER

LOOKS = """\
import ctypes, os
libc = ctypes.CDLL(None)
counters = (ctypes.c_uint64 * 2)()
bytes_of_one = ctypes.c_size_t(8)
names = b"thread.allocated", b"thread.deallocated"
places = [ctypes.byref(counters, 8 * n) for n in range(2)]
ask = libc.mallctl
ask.argtypes = [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p,
                ctypes.c_void_p, ctypes.c_size_t]
room = ctypes.byref(bytes_of_one)
recording = os.open("run.pytrace", os.O_RDONLY)
copies = [os.open(name, os.O_WRONLY | os.O_CREAT)
          for name in ("copy3", "copy2", "copy1", "warm")]

def count():
    for n in range(2):
        if ask(names[n], places[n], room, None, 0):
            os._exit(7)
    return counters[0] - counters[1]

def look():
    # What is allocated while it looks would be in one of the two only.
    copy = copies.pop()
    before = count()
    left = os.fstat(recording).st_size
    os.lseek(recording, 0, 0)
    while left:
        left -= os.sendfile(copy, recording, None, left)
    os.write(copy, counters)
    if count() != before:
        os._exit(8)

look()
"""
WORK = {
    "sqlite3": """
        import sqlite3
        look()
        base = sqlite3.connect(":memory:")
        base.execute("create table t (a, b)")
        base.executemany("insert into t values (?, ?)",
                         ((n, "x" * 100) for n in range(20000)))
        base.execute("delete from t where a % 3 = 0")
        look()
        base.close()
        look()
        """,
    "zlib": """
        import zlib
        look()
        packers = [zlib.compressobj() for _ in range(5)]
        packed = zlib.compress(os.urandom(300000))
        look()
        del packers[1:]
        look()
        """,
    "ssl": """
        import ssl
        look()
        contexts = [ssl.create_default_context() for _ in range(3)]
        look()
        del contexts[1:]
        look()
        """,
    "ctypes": """
        libc.strdup.restype = libc.malloc.restype = ctypes.c_void_p
        libc.realloc.restype = ctypes.c_void_p
        libc.realloc.argtypes = ctypes.c_void_p, ctypes.c_size_t
        libc.free.argtypes = [ctypes.c_void_p]
        look()
        kept = [libc.strdup(b"x" * n) for n in range(300)]
        kept += [libc.malloc(n * n) for n in range(300)]
        kept[:100] = [libc.realloc(at, 5000) for at in kept[:100]]
        arrays = [(ctypes.c_int * n)() for n in range(0, 9000, 300)]
        look()
        for at in kept: libc.free(at)
        look()
        """,
    "numpy": """
        import numpy
        look()
        kept = [numpy.arange(n * n) for n in range(200)]
        product = numpy.outer(kept[30], kept[30])
        kept[100:] = [numpy.sort(row)[::2].copy() for row in kept[100:]]
        look()
        del kept, product
        look()
        """,
}


MAPPING = 4  # of whose


def live_bytes(path):
    """Of all blocks as the allocator rounds them, and by its own counters."""
    recording = Recording(path)
    process, = recording.processes
    blocks = sum(pair.rounded * (pair.inherited + pair.allocated - pair.freed)
                 for pair in recording.items(process, "native").values()
                 if pair.whose != MAPPING)
    allocated, freed = struct.unpack("2Q", path.read_bytes()[-16:])
    return blocks, allocated - freed


@unittest.skipUnless(HAS_TIER, "built without jemalloc")
@support.without_asan
class NativeTotals(support.Case):
    def check(self, name, path="."):
        self.write("prog.py", f"import sys; sys.path.append({path!r})\n"
                   + LOOKS + textwrap.dedent(WORK[name]))
        done = self.pytrace("--mem", "--native", "-o", "run.pytrace",
                            "prog.py")
        self.assertEqual(0, done.status, done.err)
        looks = [live_bytes(self.scratch / f"copy{n}") for n in (1, 2, 3)]
        for before, after in zip(looks, looks[1:]):
            ours, theirs = (b - a for a, b in zip(before, after))
            self.assertGreater(abs(theirs), 10000)
            self.assertEqual(theirs, ours)

    def test_sqlite3(self):
        self.check("sqlite3")

    def test_zlib(self):
        self.check("zlib")

    def test_ssl(self):
        self.check("ssl")

    def test_ctypes(self):
        self.check("ctypes")

    @unittest.skipUnless(importlib.util.find_spec("numpy"),
                         "numpy is not installed")
    def test_numpy(self):
        self.check("numpy", os.path.dirname(os.path.dirname(
            importlib.util.find_spec("numpy").origin)))


if __name__ == "__main__":
    unittest.main()
