"""pytrace --count --file: counts of several runs, however they ended.

What such a file holds is read with the standard library's pickle, and given to
the standard trace.
"""

import concurrent.futures
import json
import os
import pickle
import signal
import unittest

import support
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

    def test_what_is_no_whole_file_of_counts(self):
        whole = pickle.dumps(({("prog.py", 1): 1}, {}, {}), 1)
        data = whole[:len(whole) // 2]
        self.write("counts", data)
        self.assertIn("not a counts file", self.run_once().err)
        self.assertEqual(data, (self.scratch / "counts").read_bytes())
        for data in (whole, b""):
            self.write("counts", data)
            self.assertNotIn("not a counts file", self.run_once().err)
            self.assertNotEqual(data, (self.scratch / "counts").read_bytes())

    def test_names_that_are_none(self):
        """Such files are read, as the standard tests want them to be; what
        has names is printed as the standard command prints it."""
        one, two = ("prog.py", "prog", "f"), ("prog.py", "prog", "g")
        named = {}, {one: 1}, {(one, two): 1}
        odd = ({}, {**named[1], "f": 1, (1, 2): 1, ("prog.py", 3, "f"): 1},
               {**named[2], "caller": 1, one: 1, (one, 1): 1, (one,): 1})
        self.write("counts", pickle.dumps(named, 1))
        words = "-r", "-f", "counts"
        out = self.python("-m", "trace", *words).out
        self.assertIn("    prog.f -> prog.g\n", out)
        for command in ([support.PYTRACE],
                        [support.PY, "-m", "pytrace.trace"]):
            self.write("counts", pickle.dumps(odd, 1))
            done = self.run_command(*command, *words, env=support.environment(
                PYTHONPATH=support.PACKAGE))
            self.assertEqual((0, out), done[:2], done.err)
            self.assertEqual(
                ["Not printing 3 of the functions: they are not named "
                 "(filename, modulename, funcname)",
                 "Not printing 4 of the callers: they are not named "
                 "(filename, modulename, funcname)"], done.err.splitlines())
        done = self.pytrace("-T", "-f", "counts", "prog.py")
        self.assertEqual(0, done.status, done.err)
        self.assertIn("    prog.f -> prog.g\n", done.out)
        self.write("counts", pickle.dumps(({}, {one: "1"}, {}), 1))
        self.assertIn("not a counts file", self.run_once().err)

    def test_what_has_no_sums(self):
        for words in ("-c --branch", "-c --line-times", "-c --hits",
                      "-l --call-counts", "-T --callgraph=dot"):
            done = self.pytrace(*words.split(), "-f", "counts", "prog.py")
            self.assertEqual(2, done.status)
            self.assertIn(" cannot be combined with --file: such a file has "
                          "hits of lines and names", done.err)

    def test_a_report_runs_nothing(self):
        self.run_once("-R")
        for word in "--mem", "--calls", "--include=x", "--output=run":
            done = self.pytrace("-r", "-f", "counts", word)
            self.assertEqual(2, done.status)
            self.assertIn(f"{word.partition('=')[0]} cannot be combined with "
                          "--report and --file, which run nothing", done.err)

    def test_a_report_of_no_counts(self):
        self.write("text", "no counts")
        for name in "missing", "text", ".":
            done = self.pytrace("-r", "-f", name)
            self.assertEqual((1, ""), (done.status, done.out))
            self.assertIn(f"pytrace: cannot read the counts of '{name}': ",
                          done.err)
            self.assertEqual(1, done.err.count("\n"))


# 12 lines count, as the last two are excused. A run with "up" leaves out
# three, down()'s return, the elif and the call below; one with "down" the
# other two.
WAYS = """\
import sys


class Shelf:
    def up(self):
        return helper(1)

    def down(self):
        return helper(-1)


def helper(n):
    return n


if sys.argv[1] == "up":
    Shelf().up()
elif sys.argv[1] == "down":
    Shelf().down()
else:  # pragma: no cover
    raise SystemExit(3)
"""
LIBRARIES = "--ignore-dir=$prefix:$exec_prefix"


class SumsTest(Case):

    def setUp(self):
        super().setUp()
        self.write("ways.py", WAYS)

    def content(self, name):
        """What a file of counts holds, of our program alone."""
        with open(self.scratch / name, "rb") as file:
            counts, called, callers = pickle.load(file)
        return (counts,
                {key for key in called if key[0] == "ways.py"},
                {key for key in callers
                 if key[0][0] == key[1][0] == "ways.py"})

    def check_as_trace(self, *options, ours=()):
        for way in "up", "down", "up":
            theirs = self.python("-m", "trace", LIBRARIES, *options, "-f",
                                 "theirs", "ways.py", way)
            self.assertEqual(0, theirs.status, theirs.err)
            done = self.pytrace(*options, *ours, "-f", "ours", "ways.py", way)
            self.assertEqual(0, done.status, done.err)
            self.assertEqual(self.content("theirs"), self.content("ours"))
        return theirs, done

    def test_functions_of_several_runs(self):
        theirs, ours = self.check_as_trace("-l")
        self.assertEqual(
            [line for line in theirs.out.splitlines() if ": ways.py" in line],
            [line for line in ours.out.splitlines() if ": ways.py" in line])
        self.assertIn("funcname: Shelf.up\n", ours.out)
        self.assertIn("funcname: Shelf.down\n", ours.out)

    def test_callers_of_several_runs(self):
        theirs, ours = self.check_as_trace("-T")
        mine = "*** ways.py ***\n"
        self.assertEqual(theirs.out.partition(mine)[2].partition("***")[0],
                         ours.out.partition(mine)[2])
        self.assertIn("    ways.Shelf.down -> ways.helper\n", ours.out)

    def test_all_at_once(self):
        done = self.pytrace("-l", "-T", "--mem", "-o", "run.pytrace",
                            "--include", "ways.py", "-f", "ours", "ways.py",
                            "up")
        self.assertEqual(0, done.status, done.err)
        self.assertIn("memory at the end", done.out)
        counts, called, callers = self.content("ours")
        self.assertEqual({}, counts)
        self.assertEqual({"<module>", "Shelf", "Shelf.up", "helper"},
                         {name for _, _, name in called})
        self.assertEqual({("Shelf.up", "helper"), ("<module>", "Shelf.up"),
                          ("<module>", "Shelf")},
                         {(a[2], b[2]) for a, b in callers})
        self.assertEqual(0, self.pytrace("info", "run.pytrace").status)

    def test_killed_run_of_functions(self):
        self.write("ends.py", "import os\ndef f():\n"
                   "    os.kill(os.getpid(), 9)\nf()\n")
        done = self.pytrace("-lT", "-f", "ours", "ends.py")
        self.assertEqual(-signal.SIGKILL, done.status)
        self.assertIn("funcname: f\n", done.out)
        self.assertIn("    ends.<module> -> ends.f\n", done.out)

    def test_no_report_prints_nothing(self):
        for option in "-l", "-T", "-lT":
            done = self.pytrace(option, "-R", "-f", "ours", "ways.py", "up")
            self.assertEqual((0, ""), (done.status, done.out), done.err)
            done = self.pytrace(option, "-R", "ways.py", "up")
            self.assertEqual((0, ""), (done.status, done.out), done.err)
        _, called, callers = self.content("ours")
        self.assertEqual((4, 3), (len(called), len(callers)))

    def test_limit_of_the_sum(self):
        run = ["-c", "-C", "cov", "-f", "ours", "--fail-under"]
        done = self.pytrace(*run, "76", "ways.py", "up")
        self.assertEqual(2, done.status, done.err)
        self.assertIn("coverage of 75.0% is under the 76%", done.err)
        done = self.pytrace("-r", "-f", "ours", "-C", "cov",
                            "--fail-under=75")
        self.assertEqual((0, "", ""), done)
        done = self.pytrace(*run, "100", "-R", "ways.py", "down")
        self.assertEqual(0, done.status, done.err)
        done = self.pytrace("-r", "-f", "ours", "-C", "cov", "-ms",
                            "--fail-under=100", "--summary-format=json")
        self.assertEqual(0, done.status, done.err)
        self.assertEqual(
            {"modules": [{"module": "ways", "path": "ways.py", "lines": 12,
                          "hit": 12, "percent": 100}],
             "total": {"lines": 12, "hit": 12, "percent": 100}},
            json.loads(done.out))

    def test_limit_without_listings(self):
        done = self.pytrace("-c", "-R", "--fail-under=76", "ways.py", "up")
        self.assertEqual(2, done.status)
        self.assertIn("coverage of 75.0% is under the 76%", done.err)
        self.assertEqual(["ways.py"], os.listdir(self.scratch))
        done = self.pytrace("-c", "-R", "--fail-under=75", "ways.py", "up")
        self.assertEqual(0, done.status)

    def test_summary_of_the_sum(self):
        self.pytrace("-c", "-R", "-f", "ours", "ways.py", "up")
        done = self.pytrace("-c", "-f", "ours", "-ms", "-C", "cov",
                            "--summary-format=markdown", "ways.py", "up")
        self.assertEqual(0, done.status, done.err)
        self.assertIn("| 12 | 75% | ways | ways.py |\n", done.out)
        listing = (self.scratch / "cov" / "ways.cover").read_text()
        self.assertIn("    2:     Shelf().up()\n", listing)
        self.assertIn(">>>>>>     Shelf().down()\n", listing)
        self.assertIn("           raise SystemExit(3)\n", listing)

    def test_traced_lines_alone(self):
        """A file is made of a run that counts nothing, as by trace."""
        done = self.pytrace("-t", "-f", "ours", "ways.py", "up")
        self.assertIn("ways.py(6):", done.out)
        self.assertEqual(({}, set(), set()), self.content("ours"))


if __name__ == "__main__":
    unittest.main()
