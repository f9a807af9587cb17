"""A leak is found, by name, and what is none is not."""

import json
import pathlib
import shutil
import sys
import unittest

from support import PACKAGE, PYTRACE, Case, environment

EXAMPLE = (pathlib.Path(__file__).resolve().parents[2] / "examples"
           / "leaky_server.py")

# 1 KiB for each request beside a cache that fills: lines 13 and 8.
SERVER = """\
import collections, functools, sys, pytrace

LEAKED = [None] * 1000
WARM = []

@functools.lru_cache(maxsize=50)
def page(number):
    return bytes(5000 + number)

def handle(number):
    if number < 5:
        WARM.append(bytes(100000))
    LEAKED[number] = bytes(1024)
    return len(page(number % 120))

for number in range(int(sys.argv[1])):
    with pytrace.span("request"):
        handle(number)
    if number % 20 == 19:
        pytrace.snapshot("round")
"""
LEAK_LINE = 13


class LeaksTest(Case):
    def record(self, *words):
        done = self.pytrace("--count", "--mem", "-C", "cov", "-o",
                            "run.pytrace", *words,
                            env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)

    def leaks(self, *words):
        done = self.pytrace("leaks", "--json", *words, "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        return json.loads(done.out)

    def test_snapshots(self):
        self.write("server.py", SERVER)
        self.record("server.py", "400")
        found = self.leaks("--span", "round")
        self.assertEqual(("round", 19), (found["label"], found["work"]))
        leak, = found["leaks"]
        size = sys.getsizeof(bytes(1024))
        self.assertEqual(("server.py", LEAK_LINE),
                         (leak["path"], leak["line"]))
        self.assertEqual((20 * size, 20), (leak["bytes_per_work"],
                                           leak["blocks_per_work"]))
        self.assertEqual(380, leak["grown_blocks"])
        self.assertEqual([leak], self.leaks()["leaks"])

    def test_no_leak(self):
        self.write("server.py", SERVER.replace(
            "LEAKED[number] =", "LEAKED[number % 7] ="))
        self.record("server.py", "400")
        self.assertEqual([], self.leaks()["leaks"])

    def test_status(self):
        self.write("server.py", SERVER)
        self.record("server.py", "400")
        done = self.pytrace("leaks", "--fail-leak", "run.pytrace")
        self.assertEqual(5, done.status, done.err)
        self.assertTrue(done.out.startswith("1 leak over 19 of 'snapshot'"))
        done = self.pytrace("report", "--fail-leak", "-C", "cov",
                            "run.pytrace")
        self.assertEqual(5, done.status, done.err)
        self.assertIn("1 line holds more with each 'snapshot'", done.err)
        done = self.pytrace("leaks", "--fail-leak", "--omit", "server.py",
                            "run.pytrace")
        self.assertEqual(0, done.status, done.out)
        self.assertTrue(done.out.startswith("no leaks over 19"))

    def test_what_is_lacking(self):
        self.write("server.py", SERVER)
        for count, words, message in (
                ("400", ("--span", "none"), "is called 'none'"),
                ("100", (), "record with --mem --timeline=allocs"),
                ("0", (), "there are no spans, marks or snapshots"),
                ("100", ("--span", "round"), "at least 8 of 'round'")):
            self.record("server.py", count)
            done = self.pytrace("leaks", *words, "run.pytrace")
            self.assertEqual(1, done.status)
            self.assertIn(message, done.err)

    def test_label_on_a_terminal(self):
        self.write("server.py", SERVER.replace('"round"', r'"\x1b[31mred"'))
        self.record("server.py", "400")
        label = "\x1b[31mred"
        done = self.pytrace("leaks", "--span", label, "run.pytrace")
        self.assertIn(f"for each '{label}'", done.out)  # as it is
        done = self.run_command(
            "script", "-qec", f"{PYTRACE} leaks --span '{label}' run.pytrace",
            "/dev/null")
        self.assertNotIn(label, done.out)
        self.assertIn(r"for each '\x1b[31mred'", done.out)

    def test_the_example(self):
        shutil.copy(EXAMPLE, self.scratch)
        self.record("leaky_server.py")
        leak, = self.leaks()["leaks"]
        text = EXAMPLE.read_text().splitlines()[leak["line"] - 1]
        self.assertIn("self.entries.append(", text)
        self.assertEqual(["<module>", "main", "handle", "Log.note"],
                         [frame["function"] for frame in leak["traceback"]])


if __name__ == "__main__":
    unittest.main()
