"""`python -m pytrace` is the same program."""

import re
import unittest

from support import PACKAGE, PY, Case, environment

ADDRESS = re.compile(r" at 0x[0-9a-f]+")


class ModuleTest(Case):

    def module(self, *words, **changes):
        return self.run_command(
            PY, "-m", "pytrace", *words,
            env=environment(PYTHONPATH=PACKAGE, **changes))

    def test_same_outputs(self):
        self.copy("leaks_requests.py")
        direct = self.pytrace("--count", "-m", "-s", "leaks_requests.py")
        listing = self.listing("leaks_requests")
        done = self.module("--count", "-m", "-s", "leaks_requests.py")
        self.assertEqual(direct, done)
        self.assertEqual(listing, self.listing("leaks_requests"))

    def test_same_status(self):
        self.copy("dies_hard.py")
        for how, status in ("exit", 3), ("SIGKILL", -9), ("_exit", 4):
            done = self.module("--count", "--mem", "dies_hard.py", how)
            self.assertEqual(status, done.status)
            self.check_hits("dies_hard")

    def test_same_help(self):
        for word in "--help", "--version":
            self.assertEqual(self.pytrace(word), self.module(word))
        self.assertEqual(2, self.module("--nonsense").status)

    def test_this_interpreter_runs_the_program(self):
        self.write("show.py", "import sys\nprint(sys.executable)\n")
        done = self.module("--count", "show.py", VIRTUAL_ENV="/no/such")
        self.assertEqual(self.python("show.py").out, done.out)

    def test_no_trace_of_it_in_the_program(self):
        self.copy("shows_itself.py")
        plain = self.python("shows_itself.py", "x",
                            env=environment(PYTHONPATH=PACKAGE))
        done = self.module("--count", "shows_itself.py", "x")
        self.assertEqual(ADDRESS.sub("", plain.out),
                         ADDRESS.sub("", done.out))

    def test_package(self):
        done = self.python("-c", "import pytrace; print("
                           "pytrace.__version__, pytrace.__all__)",
                           env=environment(PYTHONPATH=PACKAGE))
        self.assertRegex(done.out, r"^\d+\.\d+")

    def test_help_shows_every_name(self):
        done = self.python("-c", "import pydoc, pytrace\n"
                           "print(pydoc.plaintext.document(pytrace))",
                           env=environment(PYTHONPATH=PACKAGE))
        for line in ("class Tracer(", "class span(", "mark(label",
                     "snapshot(label"):
            self.assertIn(f"    {line}", done.out)


if __name__ == "__main__":
    unittest.main()
