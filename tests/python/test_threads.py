"""Threads of all kinds: every line and every block, and nobody dies."""

import re
import sys
import tracemalloc
import unittest

from support import PROGRAMS, Case

CALLBACK_ENGINE = "monitoring" if hasattr(sys, "monitoring") else "settrace"


class ThreadsTest(Case):

    def test_shared_and_own_work(self):
        # trace adds to a dict from all threads at once, and loses some.
        self.copy("threads_work.py")
        plain = self.python("threads_work.py")
        done = self.pytrace("--count", "threads_work.py")
        self.assertEqual(plain.out, done.out)
        self.assertQuiet(done)
        self.check_hits("threads_work")

    def test_eight_threads_by_either_engine(self):
        self.write("eight_threads.py", (
            PROGRAMS / "probe/eight_threads.py").read_text())
        self.write("imported.py", "once = [n for n in range(9)]  # hits: 11\n"
                   if sys.version_info < (3, 12) else
                   "once = [n for n in range(9)]  # hits: 10\n")
        for engine in "probe", CALLBACK_ENGINE:
            with self.subTest(engine=engine):
                done = self.pytrace("--count", "--engine", engine,
                                    "eight_threads.py")
                self.assertQuiet(done)
                self.check_hits("eight_threads")
                self.check_hits("imported")

    def test_eight_threads_allocating(self):
        self.copy("allocates_in_threads.py")
        for _ in range(2):
            done = self.pytrace("--count", "--mem", "allocates_in_threads.py")
            self.assertEqual(0, done.status, done.err)
            self.assertQuiet(done)
            self.check_hits("allocates_in_threads")
            self.check_held(done.out)

    def check_held(self, out):
        # The program counted what it holds of line 13. Beside that each
        # thread may have been the last to use a tuple of one item that lies
        # in a free list (48 bytes), which tracemalloc tells of 3.13 too.
        count, size = map(int, out.splitlines()[0].split())
        match = re.search(r"allocates_in_threads\.py:13: size=(.*?), "
                          r"count=(\d+),", out)
        spare = int(match[2]) - count
        self.assertIn(spare, range(9))
        self.assertEqual(
            tracemalloc._format_size(size + 48 * spare, False), match[1])

    def test_low_level_threads(self):
        self.write("low.py", "import _thread, time\nimport _thread as other\n"
                   "done = []\ndef work(n):\n"
                   "    for i in range(n):  # hits: 2010\n"
                   "        pass  # hits: 2000\n    done.append(n)\n"
                   "for i in range(10):\n"
                   "    (other if i % 2 else _thread)"
                   ".start_new_thread(work, (200,))\n"
                   "while len(done) < 10:\n    time.sleep(0.01)\n")
        self.pytrace("--count", "--mem", "low.py")
        self.check_hits("low")

    def test_thread_from_c(self):
        self.write("from_c.py", "import ctypes, threading\nseen = []\n"
                   "def work(arg):\n    seen.append(arg)  # hits: 1\n"
                   "    return 0\n"
                   "kind = ctypes.CFUNCTYPE(ctypes.c_void_p, "
                   "ctypes.c_void_p)\nc_work = kind(work)\n"
                   "libc = ctypes.CDLL(None)\nhandle = ctypes.c_ulong()\n"
                   "libc.pthread_create(ctypes.byref(handle), None, c_work, "
                   "None)\nlibc.pthread_join(handle, None)\n"
                   "print(len(seen))  # hits: 1\n")
        done = self.pytrace("--count", "--mem", "from_c.py")
        self.assertEqual(0, done.status)
        self.assertEqual("1", done.out.split()[0])
        self.check_hits("from_c")

    def test_threads_that_come_and_go(self):
        self.write("come.py", "import threading\nfor n in range(500):\n"
                   "    thread = threading.Thread(target=lambda: "
                   "bytes(n))\n    thread.start()\n    thread.join()\n"
                   "print(threading.active_count())  # hits: 1\n")
        done = self.pytrace("--count", "--mem", "come.py")
        self.assertEqual("1", done.out.split()[0])
        self.check_hits("come")

    def test_subinterpreter(self):
        self.write("within.py", "import _xxsubinterpreters as sub\n"
                   "inner = sub.create()\n"
                   "sub.run_string(inner, 'x = [n for n in range(9)]')\n"
                   "sub.destroy(inner)\nprint('end')  # hits: 1\n")
        text = (self.scratch / "within.py").read_text()
        self.write("within.py", text.replace(
            "import _xxsubinterpreters as sub\n",
            "try:\n    import _xxsubinterpreters as sub\n"
            "except ImportError:\n    import _interpreters as sub\n"))
        plain = self.python("within.py")
        done = self.pytrace("--count", "--mem", "within.py")
        self.assertEqual(plain.status, done.status, done.err)
        self.assertTrue(done.out.startswith(plain.out))
        self.check_hits("within")

    def test_allocation_without_the_gil(self):
        self.write("raw.py", "import hashlib, threading, zlib, bz2\n"
                   "data = bytes(range(256)) * 4000\ndef work():\n"
                   "    for _ in range(5):  # hits: 36\n"
                   "        zlib.decompress(zlib.compress(data))\n"
                   "        hashlib.sha256(data).hexdigest()\n"
                   "        bz2.compress(data)  # hits: 30\n"
                   "threads = [threading.Thread(target=work) "
                   "for _ in range(6)]\n"
                   "for t in threads: t.start()\n"
                   "for t in threads: t.join()\n")
        done = self.pytrace("--count", "--mem", "raw.py")
        self.assertEqual(0, done.status)
        self.check_hits("raw")
        self.assertTrue(re.search(r"at its peak +\d", done.out))


if __name__ == "__main__":
    unittest.main()
