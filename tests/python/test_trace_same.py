"""Our `python -m trace` prints and writes what the standard one does."""

import concurrent.futures
import re
import shutil
import unittest

import support
from support import Case

PROGRAMS = support.PROGRAMS / "trace"

# Both sides start from the same imports, for what a tool has imported the
# program does not import any more.
START = """
import sys
import argparse, asyncio, contextlib, dataclasses, dis, functools, gettext
import importlib, inspect, io, linecache, locale, runpy, shutil, sysconfig
import threading, token, tokenize, trace
import pytrace.trace, pytrace._trace_options
import encodings.iso8859_15, encodings.latin_1, encodings.utf_8_sig
sys.modules[sys.argv.pop(1)].main()
"""
MODES = {
    "count": ["--count", "--missing", "-C", "covers"],
    "summary": ["--count", "--summary", "-C", "covers"],
    "trace": ["--trace"],
    "both": ["--trace", "--count", "-C", "covers"],
    "funcs": ["--listfuncs"],
    "calls": ["--trackcalls"],
}
TRACER = re.compile(r"[^\s']*/trace\.py\b")


class SameAsStandard(Case):

    def run_one(self, module, mode, program):
        """(status, lines, {listing: bytes}) of a run in a fresh copy."""
        # Paths are printed: both sides get the same.
        place = self.scratch / program.removesuffix(".py")
        shutil.copytree(PROGRAMS, place,
                        ignore=shutil.ignore_patterns("__pycache__"))
        done = self.run_command(
            support.PY, "-c", START, module, *MODES[mode], program, cwd=place,
            env=support.environment(
                PYTHONPATH=support.PACKAGE, PYTHONHASHSEED="0",
                PYTHONDONTWRITEBYTECODE="1"))
        lines = TRACER.sub("TRACER", done.out).splitlines()
        if mode == "calls":
            # In the order of paths, of which ours is another.
            lines.sort()
        covers = {path.name: path.read_bytes()
                  for path in place.glob("covers/*")}
        shutil.rmtree(place)
        return done.status, lines + [done.err], covers

    def run_both(self, mode, program):
        return [self.run_one(module, mode, program)
                for module in ("trace", "pytrace.trace")]

    def compare(self, mode):
        programs = sorted(path.name for path in PROGRAMS.glob("*.py"))
        if mode in ("trace", "both"):
            # The lines of two threads may come in any order.
            programs.remove("thread_pairs.py")
        self.assertGreaterEqual(len(programs), 15)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = {name: pool.submit(self.run_both, mode, name)
                    for name in programs}
            for name, run in runs.items():
                with self.subTest(program=name):
                    self.check(name, *run.result())

    def check(self, name, theirs, ours):
        if "thread" in name:
            # How often a thread waits for another is a matter of luck.
            theirs, ours = [
                (status, [line for line in lines if "threading" not in line],
                 {path: text for path, text in covers.items()
                  if path != "threading.cover"})
                for status, lines, covers in (theirs, ours)]
        self.assertEqual(theirs[0], ours[0])
        self.assertEqual(theirs[1], ours[1])
        self.assertEqual(theirs[2].keys(), ours[2].keys())
        for path, text in theirs[2].items():
            self.assertEqual(text, ours[2][path], path)

    def test_count(self):
        self.compare("count")

    def test_summary(self):
        self.compare("summary")

    def test_trace(self):
        self.compare("trace")

    def test_trace_and_count(self):
        self.compare("both")

    def test_listfuncs(self):
        self.compare("funcs")

    def test_trackcalls(self):
        self.compare("calls")

    def test_help_and_wrong_usage(self):
        for words in (["--help"], ["--version"], ["-l", "-T"], ["-lc", "x.py"],
                      ["-rR"], ["-g"], ["-r"], ["-sT"], ["-y"], ["-c"]):
            with self.subTest(words=words):
                theirs = self.python("-m", "trace", *words)
                ours = self.python(
                    "-m", "pytrace.trace", *words,
                    env=support.environment(PYTHONPATH=support.PACKAGE))
                self.assertEqual(theirs, ours)


if __name__ == "__main__":
    unittest.main()
