"""Every option of `trace`, of the documents of 2.7 and 3.13, three ways.

`python -m trace` says what is right, for `python -m pytrace.trace` to a byte;
`pytrace` runs the user's code only, so there the standard command gets told to
ignore the libraries.
"""

import json
import os
import re
import shutil
import unittest

import support
from support import Case

LIBRARIES = "--ignore-dir=$prefix:$exec_prefix"
FILES = {
    "prog.py": "import sys\n"
               "sys.path.append('lib')\n"
               "import near\n"
               "import part\n"
               "from pack.age import deep\n"
               "print(near.double(2), part.half(4), deep(), sys.argv[1:])\n"
               "if not sys.argv:\n"
               "    never = 1  #pragma NO COVER\n"
               "    ever = 1\n",
    "near.py": "def double(x):\n    return 2 * x\n\n\n"
               "def unused():\n    return 0\n",
    "lib/part.py": "import near\n\n\n"
                   "def half(x):\n    return near.double(x) // 4\n",
    "pack/__init__.py": "NAME = 'pack'\n",
    "pack/age.py": "def deep():\n    return 'deep'\n",
}
PROGRAM = ["prog.py", "-c", "--x", "y"]
# What is compared of each: options, and whether `pytrace` has it the same way.
TABLE = [
    "-c -C cov", "--count --coverdir cov", "--count --coverdir=cov",
    "-c", "-cm -C cov", "-c --missing -C cov", "-cs -C cov",
    "-c --summary -C cov", "-cms -C cov", "-ms -c -C cov",
    "-t", "--trace", "-tc -C cov",
    "-l", "--listfuncs", "-T", "--trackcalls",
    "-c -f counts -C cov", "-c --file=counts --coverdir cov",
    "-c -C cov --ignore-module near", "-c -C cov --ignore-module=near,part",
    "-c -C cov --ignore-module near --ignore-module part",
    "-c -C cov --ignore-module=age", "-c -C cov --ignore-dir=$HERE/lib",
    "-c -C cov --ignore-dir=$HERE/lib/",
    "-c -C cov --ignore-dir=$UNSET/lib:$HERE/pack",
    "-t --ignore-dir=$HERE/lib --ignore-module=age",
]
# What is ignored is in these all the same, as in the standard command; not so
# under `pytrace`, where one scope holds for everything.
MODULE_ONLY = ["-l --ignore-dir lib", "-T --ignore-module=near"]
# What the standard command does not do, and what it needs to be told for it.
BETTER = {
    "-c -C cov --ignore-dir lib": "-c -C cov --ignore-dir $HERE/lib",
    "-c -C cov --ignore-dir=./lib": "-c -C cov --ignore-dir $HERE/lib",
    "-c -C cov --ignore-dir=no:pack/": "-c -C cov --ignore-dir=$HERE/pack",
    "-t --ignore-dir lib:pack":
        "-t --ignore-dir $HERE/lib --ignore-dir=$HERE/pack",
    "-c -C cov --ignore-module pack": "-c -C cov --ignore-dir $HERE/pack",
}
# What the standard module refuses, and what `pytrace` may say otherwise.
WRONG = {
    "": None, "-c": None, "-y prog.py": None, "-lc prog.py": None,
    "-lt prog.py": None, "-s prog.py": None, "-lT -s prog.py": None,
    "-st prog.py": None, "-r": None, "-rR": None, "-rR -f counts": None,
    "-R prog.py": None, "-f counts prog.py": None, "-R -c": None,
    "-g prog.py": None,
    "-c missing.py": "cannot open the program 'missing.py'",
    "--coverdir": "option '--coverdir' needs a value",
    "-c --file": "option '--file' needs a value",
}
# Says of each option of the standard command, cut short at every place, what
# its parser makes of that: {beginning: (name, takes a value, is refused)}.
PREFIXES = """
import argparse, contextlib, io, json, trace

class Found(Exception):
    pass

def find(parser, *_):
    raise Found(parser)

parse, argparse.ArgumentParser.parse_args = (
    argparse.ArgumentParser.parse_args, find)
try:
    trace.main()
except Found as found:
    parser = found.args[0]
table = {}
for name, action in parser._option_string_actions.items():
    for end in range(3, len(name) if name[:2] == "--" else 0):
        valued = action.nargs is None
        said = io.StringIO()
        with contextlib.redirect_stderr(said), \\
                contextlib.redirect_stdout(io.StringIO()):
            try:
                parse(parser, [name[:end] + ("=x" if valued else "")])
            except SystemExit:
                pass
        table[name[:end]] = name, valued, "ambiguous" in said.getvalue()
print(json.dumps(table))
"""
# The import system is not the user's code; and the standard module decides by
# the last part of its name whether to ignore a module, so once for __init__.
OTHERS = re.compile(r"importlib|zipimport|__init__")
# The tracer's own frame, which there is none of under `pytrace`.
OWN = re.compile(r"\n\*\*\* [^\n]*/trace\.py \*\*\*\n  --> prog\.py\n"
                 r"    trace\.Trace\.runctx -> prog\.<module>\n")


class OptionsTest(Case):

    def run_in_copy(self, *words, **changes):
        """A command in a fresh copy of the files: (Done, what it wrote)."""
        for name in os.listdir(self.scratch):
            path = self.scratch / name
            (shutil.rmtree if path.is_dir() else os.unlink)(path)
        for name, content in FILES.items():
            self.write(name, content)
        done = self.run_command(*words, env=support.environment(
            PYTHONDONTWRITEBYTECODE="1", HERE=os.fspath(self.scratch),
            **changes))
        written = {
            os.fspath(path.relative_to(self.scratch)): path.read_bytes()
            for path in self.scratch.rglob("*") if path.is_file()
            and os.fspath(path.relative_to(self.scratch)) not in FILES}
        return done, written

    def standard(self, words):
        return self.run_in_copy(support.PY, "-m", "trace", *words)

    def test_the_module(self):
        for options in TABLE + MODULE_ONLY:
            words = [LIBRARIES, *options.split(), *PROGRAM]
            with self.subTest(options):
                theirs, listings = self.standard(words)
                ours, ours_written = self.run_in_copy(
                    support.PY, "-m", "pytrace.trace", *words,
                    PYTHONPATH=support.PACKAGE)
                self.assertEqual(self.without_tracer(theirs, options),
                                 self.without_tracer(ours, options))
                self.assertEqual(self.readable(listings),
                                 self.readable(ours_written))

    def without_tracer(self, done, options):
        out = re.sub(r"[^\s']*/trace\.py\b", "TRACER", done.out)
        if "-T" in options.split() or "--trackcalls" in options:
            # In the order of paths, of which ours is another.
            out = sorted(out.splitlines())
        return done._replace(out=out)

    def readable(self, written):
        return {name: content for name, content in written.items()
                if name.endswith(".cover")}

    def test_the_program(self):
        for options, standard in {**dict(zip(TABLE, TABLE)),
                                  **BETTER}.items():
            with self.subTest(options):
                theirs, listings = self.standard(
                    [LIBRARIES, *standard.split(), *PROGRAM])
                ours, ours_written = self.run_in_copy(
                    support.PYTRACE, *options.split(), *PROGRAM)
                self.assertEqual(0, ours.status, ours.err)
                self.assertEqual(self.comparable(theirs.out),
                                 self.comparable(ours.out))
                self.assertEqual(self.users(listings),
                                 self.users(ours_written))

    def users(self, written):
        return {name: content
                for name, content in self.readable(written).items()
                if not OTHERS.search(name)}

    def comparable(self, out):
        return sorted(line for line in OWN.sub("\n", out).splitlines()
                      if line and not OTHERS.search(line))

    def test_wrong_usage(self):
        for options, message in WRONG.items():
            with self.subTest(options):
                theirs, _ = self.standard(options.split())
                self.assertNotEqual(0, theirs.status)
                ours, _ = self.run_in_copy(
                    support.PY, "-m", "pytrace.trace", *options.split(),
                    PYTHONPATH=support.PACKAGE)
                self.assertEqual(theirs, ours)
                if message is None:
                    message = theirs.err.strip().splitlines()[-1]
                    message = message.partition("error: ")[2]
                ours, _ = self.run_in_copy(support.PYTRACE, *options.split())
                self.assertNotEqual(0, ours.status)
                self.assertIn(message, ours.err)
                self.assertNotIn("trace.py", ours.err)

    def test_options_cut_short(self):
        done = self.python("-c", PREFIXES)
        table = json.loads(done.out)
        self.assertGreater(len(table), 60, done.err)
        for start, (name, valued, is_refused) in table.items():
            with self.subTest(start):
                # What is wrong with it, said of its name in full.
                wrong = start if valued else start + "=1"
                done = self.run_command(support.PYTRACE, wrong)
                self.assertEqual(2, done.status)
                self.assertIn(f"ambiguous option: {start} could match "
                              if is_refused else f"option '{name}' ",
                              done.err)

    def test_a_program_that_cannot_be_read_again(self):
        for command in ([support.PY, "-m", "trace", LIBRARIES],
                        [support.PY, "-m", "pytrace.trace", LIBRARIES],
                        [support.PYTRACE]):
            done = self.run_command(
                *command, "-c", "-C", "cov", "/dev/stdin",
                input="print(6 * 7)\n",
                env=support.environment(PYTHONPATH=support.PACKAGE))
            self.assertEqual((0, "42\n"), done[:2], done.err)
        self.assertIn("no listing of '/dev/stdin': ", done.err)

    def test_more_than_the_standard_module(self):
        """Modes that it takes together and then does but one of."""
        for command in ([support.PYTRACE],
                        [support.PY, "-m", "pytrace.trace", LIBRARIES]):
            done, _ = self.run_in_copy(*command, "-lT", *PROGRAM,
                                       PYTHONPATH=support.PACKAGE)
            self.assertIn("functions called:", done.out)
            self.assertIn("calling relationships:", done.out)
            done, written = self.run_in_copy(*command, "-cT", "-C", "cov",
                                             *PROGRAM,
                                             PYTHONPATH=support.PACKAGE)
            self.assertIn("calling relationships:", done.out)
            self.assertIn("cov/prog.cover", written)

    def test_timing(self):
        for command in ([support.PYTRACE],
                        [support.PY, "-m", "pytrace.trace", LIBRARIES]):
            done, _ = self.run_in_copy(*command, "-tg", *PROGRAM,
                                       PYTHONPATH=support.PACKAGE)
            self.assertRegex(done.out, r"(?m)^\d+\.\d\d prog\.py\(1\): ")

    def test_report_of_a_file(self):
        """--report, of counts that each of the three has made."""
        made = {}
        for name, command in [
                ("theirs", [support.PY, "-m", "trace", LIBRARIES]),
                ("module", [support.PY, "-m", "pytrace.trace", LIBRARIES]),
                ("program", [support.PYTRACE])]:
            _, written = self.run_in_copy(*command, "-c", "-f", "counts",
                                          "-C", "cov", *PROGRAM,
                                          PYTHONPATH=support.PACKAGE)
            made[name] = written["counts"]
        for name, counts in made.items():
            FILES["counts"] = counts
            self.addCleanup(FILES.pop, "counts", None)
            for options in ("-r -f counts -C cov", "-rms --file=counts -Ccov"):
                with self.subTest(made_by=name, options=options):
                    theirs, listings = self.standard(options.split())
                    self.assertTrue(self.readable(listings))
                    for command in ([support.PYTRACE],
                                    [support.PY, "-m", "pytrace.trace"]):
                        ours, written = self.run_in_copy(
                            *command, *options.split(),
                            PYTHONPATH=support.PACKAGE)
                        self.assertEqual(theirs, ours)
                        self.assertEqual(self.readable(listings),
                                         self.readable(written))


if __name__ == "__main__":
    unittest.main()
