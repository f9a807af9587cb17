"""pytrace --count --file: counts of several runs, however they ended.

What such a file holds is read with the standard library's pickle, and given to
the standard trace.
"""

import concurrent.futures
import os
import pickle
import signal
import unittest

from support import Case

PROGRAM = """\
import sys
for n in range(3):
    x = n
if len(sys.argv) > 1:
    eval(sys.argv[1])
"""
# Line 2 has an event more: that the loop is over.
HITS = {1: 1, 2: 4, 3: 3, 4: 1}


class CountsFileTest(Case):

    def setUp(self):
        super().setUp()
        self.write("prog.py", PROGRAM)

    def run_once(self, *options, argument=None, status=0):
        done = self.pytrace("-c", "-f", "counts", *options, "prog.py",
                            *([argument] if argument else []))
        self.assertEqual(status, done.status, done.err)
        return done

    def counts(self):
        with open(self.scratch / "counts", "rb") as file:
            counts, called, callers = pickle.load(file)
        self.assertEqual(({}, {}), (called, callers))
        self.assertEqual({"prog.py"}, {name for name, _ in counts})
        return {line: hits for (_, line), hits in counts.items()}

    def times(self, n):
        return {line: n * hits for line, hits in HITS.items()}

    def test_runs_add_up(self):
        self.assertQuiet(self.run_once())
        self.assertEqual(HITS, self.counts())
        self.run_once("-C", "cov")
        self.assertEqual(self.times(2), self.counts())
        listing = (self.scratch / "cov" / "prog.cover").read_text()
        self.assertIn("    8: for n in range(3):\n", listing)
        done = self.python("-m", "trace", "-r", "-f", "counts", "-C",
                           "theirs")
        self.assertEqual(0, done.status, done.err)
        theirs = (self.scratch / "theirs" / "prog.cover").read_text()
        self.assertEqual(listing, theirs)

    def test_standard_counts_are_added_to(self):
        done = self.python("-m", "trace", "-c", "-C", "theirs", "-f",
                           "counts", "--ignore-dir=$prefix:$exec_prefix",
                           "prog.py")
        self.assertEqual(0, done.status, done.err)
        self.run_once()
        self.assertEqual(self.times(2), self.counts())

    def test_killed_runs_count(self):
        for argument, status in [
                ("__import__('os').kill(__import__('os').getpid(), 9)",
                 -signal.SIGKILL),
                ("__import__('os')._exit(3)", 3), ("sys.exit(4)", 4)]:
            with self.subTest(argument):
                self.run_once("-R", argument=argument, status=status)
        self.assertEqual({**self.times(3), 5: 3}, self.counts())
        self.assertFalse((self.scratch / "prog.cover").exists())

    def test_with_memory_a_recording_and_lines(self):
        done = self.run_once("--mem", "-o", "run.pytrace", "-t", "-ms")
        self.assertIn("prog.py(3):", done.out)
        self.assertIn("memory at the end", done.out)
        self.assertIn("lines   cov%   module   (path)\n    5    80%   prog   "
                      "(prog.py)\n", done.out)
        self.assertEqual(HITS, self.counts())
        done = self.pytrace("info", "run.pytrace")
        self.assertEqual(0, done.status, done.err)

    def test_no_report_alone(self):
        done = self.pytrace("-c", "-R", "prog.py")
        self.assertQuiet(done)
        self.assertEqual(["prog.py"], os.listdir(self.scratch))

    def test_many_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: self.run_once("-R"), range(8)))
        self.assertEqual(self.times(8), self.counts())

    def test_a_file_that_would_run_code(self):
        class Evil:
            def __reduce__(self):
                return os.system, ("touch ran",)

        for content in (Evil(), ({("prog.py", 1): Evil()}, {}, {})):
            data = pickle.dumps(content)
            self.write("counts", data)
            done = self.run_once()
            self.assertIn("not a counts file", done.err)
            self.assertEqual(data, (self.scratch / "counts").read_bytes())
            self.assertFalse((self.scratch / "ran").exists())

    def test_what_has_no_sums(self):
        for word in ("--branch", "--line-times", "--hits", "--fail-under=3"):
            done = self.pytrace("-c", word, "-f", "counts", "prog.py")
            self.assertEqual(2, done.status)
            self.assertIn("--file has counts of several runs", done.err)


if __name__ == "__main__":
    unittest.main()
