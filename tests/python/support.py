"""support.py - programs run under pytrace, under trace and by plain Python.

The tests get the program from $PYTRACE and the interpreter from $PY. What
they run sees neither PYTHONPATH nor VIRTUAL_ENV of the caller: pytrace must
find its package by itself.
"""

import collections
import importlib.util
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

# Run in the background by a shell, we ignore these, and so would what we run.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

PY = os.environ.get("PY") or sys.executable
PYTRACE = os.environ.get("PYTRACE") or shutil.which("pytrace")
if PYTRACE is None:
    sys.exit("support.py: no pytrace: set PYTRACE, or eval \"$(./dev env)\"")
PYTRACE = os.path.abspath(PYTRACE)
PACKAGE = os.environ.get("PYTHONPATH") or os.path.join(
    os.path.dirname(os.path.dirname(PYTRACE)), "python")
PROGRAMS = pathlib.Path(__file__).resolve().parent.parent / "programs"
# A sanitizer makes a program slower ten times and more.
TIMEOUT_SECONDS = 1200 if os.environ.get("PT_SANITIZE") else 120

# AddressSanitizer reserves terabytes, keeps what is freed for a while, and
# will not have another allocator beside it.
without_asan = unittest.skipIf("address" in os.environ.get("PT_SANITIZE", ""),
                               "AddressSanitizer manages memory its own way")

# What pytrace says of every run, apart from what went wrong.
CHATTER = re.compile(r"pytrace: ((?:line counts|times of lines|calls|memory) "
                     r"exact|"
                     r"where a process did not reach its end)[^\n]*\n")
HITS = re.compile(r"# hits: (\d+)")
COUNT_WIDTH = 7
MEMORY_WIDTH = 23

Done = collections.namedtuple("Done", "status out err")


def environment(**changes):
    """The environment of what is run; None takes a variable out."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(("PYTHON", "PYTRACE", "VIRTUAL_ENV"))}
    env["LC_ALL"] = "C.UTF-8"
    env.update(changes)
    return {name: value for name, value in env.items() if value is not None}


def expected_hits(source):
    """{line: hits} of the comments `# hits: 3` in a source text."""
    return {number: int(match[1])
            for number, line in enumerate(source.splitlines(), 1)
            if (match := HITS.search(line))}


def listed_hits(listing):
    """{line: hits} of a listing; lines without a count have 0."""
    return {number: int(line[:COUNT_WIDTH].strip(": ") or 0)
            if line[:1] != ">" else 0
            for number, line in enumerate(listing.splitlines(), 1)}


def without_memory(listing):
    """A listing of --count --mem without its memory column, in bytes."""
    return b"".join(
        line[:COUNT_WIDTH] + line[COUNT_WIDTH + MEMORY_WIDTH:]
        for line in listing.splitlines(keepends=True))


def standard_tests(*names):
    """Those of the standard library's test modules that are installed; the
    test is skipped if none is."""
    found = [name for name in names if importlib.util.find_spec("test") and
             importlib.util.find_spec("test." + name)]
    if not found:
        raise unittest.SkipTest("this Python comes without its own tests")
    return found


class Case(unittest.TestCase):
    """A test with a directory of its own in which programs are run."""

    maxDiff = None

    def setUp(self):
        directory = tempfile.TemporaryDirectory(
            prefix="pytrace-test-", ignore_cleanup_errors=True)
        self.addCleanup(directory.cleanup)
        self.scratch = pathlib.Path(os.path.realpath(directory.name))

    def copy(self, name):
        """Copy a program of tests/programs, a file or a directory, here."""
        source = PROGRAMS / name
        if source.is_dir():
            shutil.copytree(source, self.scratch / name, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, self.scratch / name)
        return name

    def write(self, name, content):
        """Write a file here, of text or bytes."""
        path = self.scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
        return name

    def run_command(self, *words, env=None, binary=False, **options):
        """Run a command here: its Done. Text is surrogate-escaped UTF-8."""
        options.setdefault("cwd", self.scratch)
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        elif isinstance(options["input"], str):
            options["input"] = options["input"].encode()
        done = subprocess.run(
            [os.fspath(word) for word in words],
            env=environment() if env is None else env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=TIMEOUT_SECONDS, **options)
        out, err = done.stdout, done.stderr
        if not binary:
            out = out.decode("utf-8", "surrogateescape")
            err = err.decode("utf-8", "surrogateescape")
        return Done(done.returncode, out, err)

    def pytrace(self, *words, **options):
        """Run pytrace; without --python, it runs the interpreter $PY."""
        return self.run_command(PYTRACE, *words, **options)

    def python(self, *words, **options):
        """Run plain Python."""
        return self.run_command(PY, *words, **options)

    def listing(self, name):
        """The text of a .cover file here."""
        path = self.scratch / (name + ".cover")
        self.assertTrue(path.exists(), f"no listing {path.name}")
        return path.read_text(encoding="utf-8", errors="surrogateescape")

    def check_hits(self, name, source=None):
        """The listing of a program has the hits its comments promise."""
        source = source or name + ".py"
        text = (self.scratch / source).read_text(encoding="utf-8")
        expected = expected_hits(text)
        self.assertTrue(expected, f"{source} promises no hits")
        listed = listed_hits(self.listing(name))
        self.assertEqual(
            expected, {line: listed.get(line) for line in expected},
            self.listing(name))

    def assertQuiet(self, done):
        """Pytrace said nothing but which engine made the figures."""
        self.assertEqual("", CHATTER.sub("", done.err))


def fetch(case_class, *packages):
    """A directory with packages from the index, for the tests of a class,
    which are skipped if it cannot be reached."""
    directory = tempfile.TemporaryDirectory(prefix="pytrace-peers-")
    case_class.addClassCleanup(directory.cleanup)
    done = subprocess.run(
        [PY, "-m", "pip", "install", "-q", "--disable-pip-version-check",
         "--timeout", "10", "--retries", "1", "--target", directory.name,
         *packages], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise unittest.SkipTest("pip cannot fetch " + " and ".join(packages))
    return directory.name
