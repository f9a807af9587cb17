"""Forked processes: each counts for itself, the report has them all."""

import os
import re
import sys
import unittest

from support import CHATTER, Case

CALLBACK_ENGINE = "monitoring" if hasattr(sys, "monitoring") else "settrace"
PROCESS = re.compile(r"^ *(\d+) {2} *(\S+ \S+) {2} *(\S+ \S+) {2} *(\S+ \S+)"
                     r" {2}(.*)$", re.MULTILINE)
RUNS = re.compile(r"still runs? \(pid")
PID = re.compile(r"pid=\d+")


def kib(text):
    number, unit = text.split()
    return float(number) * {"B": 1 / 1024, "KiB": 1, "MiB": 1024}[unit]


class ForkTest(Case):

    def check(self, program, *words):
        """Plain Python's output, and the promised hits."""
        self.copy(program)
        plain = self.python(program)
        for options in ["--count"], ["--count", "--mem", *words]:
            done = self.pytrace(*options, program)
            self.assertEqual(plain.status, done.status)
            self.assertEqual(plain.out,
                             done.out.partition("\nmemory at the end")[0])
            self.assertEqual(
                PID.sub("", plain.err),
                PID.sub("", CHATTER.sub("", done.err)))
            self.check_hits(program.removesuffix(".py"))
        return done

    def test_nested_forks(self):
        done = self.check("forks_once.py")
        rows = PROCESS.findall(done.out)
        self.assertEqual(
            ["the program, which ended normally", "forked; reached its end",
             "forked; did not reach its end"], [row[4] for row in rows])
        self.assertEqual("0 B", rows[0][2])
        # The first keeps 10 blocks and 20 more; the child inherits 10 and
        # keeps 100 of its own; the grandchild inherits 110 and keeps 1000.
        kept, inherited = ([kib(row[column]) for row in rows]
                           for column in (1, 2))
        block = 5033 / 1024
        for got, wanted in ((kept[0], 30), (inherited[1], 10),
                            (kept[1], 100), (inherited[2], 110),
                            (kept[2], 1000)):
            self.assertTrue(0 <= got - wanted * block < 150, rows)

    def test_blocks_by_line(self):
        done = self.check("forks_once.py", "--mem-top=1")
        # 30 + 100 + 1000 blocks of 5033 bytes; none is counted twice.
        match = re.search(r"forks_once.py:9: size=(\d+) KiB, count=(\d+)",
                          done.out)
        self.assertTrue(match, done.out)
        self.assertLess(abs(int(match[1]) - 1130 * 5033 / 1024), 60)
        self.assertIn(int(match[2]), range(1130, 1155))

    def test_multiprocessing(self):
        self.check("forks_pool.py")

    def test_fork_beside_threads(self):
        for _ in range(3):
            self.check("forks_in_threads.py")

    FORK_INSIDE = ("import os\ndef f():\n    pid = os.fork()  # hits: 1\n"
                   "    x = 1  # hits: 2\n    y = 2  # hits: 2\n"
                   "    if pid == 0:  # hits: 2\n        os._exit(x)\n"
                   "    return os.wait()  # hits: 1\nf()  # hits: 1\n")

    def test_fork_in_the_middle_of_a_block(self):
        self.write("inside.py", self.FORK_INSIDE)
        self.pytrace("--count", "--engine", CALLBACK_ENGINE, "inside.py")
        self.check_hits("inside")

    def test_fork_in_the_middle_of_a_block_by_probe(self):
        self.write("inside.py", self.FORK_INSIDE)
        self.pytrace("--count", "inside.py")
        self.check_hits("inside")

    def test_child_outlives_its_parent(self):
        self.write("leaves.py", "import os, time\nif os.fork() == 0:\n"
                   "    time.sleep(2)\n    open('late', 'w').close()\n"
                   "else:\n    time.sleep(0.5)\n")
        done = self.pytrace("--count", "--mem", "leaves.py")
        self.assertEqual(0, done.status)
        self.assertIn("forked", done.out)

    def test_what_a_child_of_the_last_moment_does(self):
        # Its parent is gone before it begins.
        self.write("late.py", "import os\nif os.fork():  # hits: 1\n"
                   "    os._exit(0)  # hits: 1\n"
                   "for n in range(20000):  # hits: 20001\n"
                   "    x = [n]  # hits: 20000\n")
        for options in ["--count"], ["--count", "--mem", "--timeline=allocs"]:
            done = self.pytrace(*options, "late.py")
            self.assertEqual((done.status, RUNS.findall(done.err)), (0, []))
            self.check_hits("late")
            if "--mem" in options:
                self.assertIn("forked; reached its end", done.out)

    def test_nobody_waits_for_a_daemon(self):
        self.write("daemon.py", "import os, sys\nr, w = os.pipe()\n"
                   "if os.fork() == 0:\n    os.setsid()\n"
                   "    print(os.getpid(), flush=True)\n"
                   "    os.write(w, b'.')\n"
                   "    os.close(1)\n    os.close(2)\n"
                   "    sys.stdin.read()\n    os._exit(0)\n"
                   "os.read(r, 1)\n")
        read, write = os.pipe()
        for words in ["--count"], ["--count", "-o", "run.pytrace"]:
            done = self.pytrace(*words, "daemon.py", stdin=read)
            self.assertEqual(done.status, 0)
            pid = done.out.split()[0]
            kept = "; it will be in run.pytrace" if "-o" in words else ""
            self.assertIn(
                f"pytrace: 1 of its processes still runs (pid {pid}): what is "
                f"done from now on is not in the report{kept}\n", done.err)
        os.close(write)
        os.close(read)

    def test_child_that_becomes_another_program(self):
        self.write("execs.py", "import os, sys\nif os.fork() == 0:\n"
                   "    os.execv(sys.executable, [sys.executable, '-c',"
                   " 'print(1)'])\nos.wait()  # hits: 1\n")
        done = self.pytrace("--count", "execs.py")
        self.assertEqual("1\n", done.out)
        self.check_hits("execs")

    def test_many_children(self):
        self.write("many.py", "import os\nfor n in range(200):  # hits: 201\n"
                   "    if os.fork() == 0:  # hits: 200\n"
                   "        os._exit(0)  # hits: 200\n"
                   "    os.wait()  # hits: 200\n")
        done = self.pytrace("--count", "--mem", "many.py")
        self.assertEqual(0, done.status)
        self.check_hits("many")


if __name__ == "__main__":
    unittest.main()
