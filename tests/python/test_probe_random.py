"""Random programs: probes, callbacks and `trace` count the same."""

import sys
import unittest

from random_programs import program
from support import Case

CALLBACK_ENGINE = "monitoring" if hasattr(sys, "monitoring") else "settrace"
MAIN = """\
import gc, importlib, logging, sys
logging.disable()
sys.unraisablehook = lambda what: None
for name in sys.argv[1:]:
    vars(importlib.import_module(name)).clear()
    gc.collect()
"""


def comparable(listing):
    """What callbacks can count too: see docs/versions.md, throw()."""
    if sys.version_info < (3, 13):
        return listing
    return "".join(line for line in listing.splitlines(keepends=True)
                   if "yield" not in line)


class RandomCase(Case):

    def write_programs(self, seeds):
        """Write those that compile: their names."""
        names = []
        for seed in seeds:
            text = program(seed)
            try:
                compile(text, "random", "exec")
            except SyntaxError:
                continue  # such as a return in except*
            names.append(self.write(f"random_{seed}.py", text)[:-3])
        self.write("main.py", MAIN)
        return names

    def count(self, run, *words):
        done = run(*words)
        self.assertEqual(0, done.status, done.err)
        found = {path.stem: path.read_text()
                 for path in self.scratch.glob("random_*.cover")}
        for path in self.scratch.glob("*.cover"):
            path.unlink()
        return found

    def check_equal(self, seeds):
        names = self.write_programs(seeds)
        self.assertTrue(names)
        words = ["main.py", *names]
        wanted = self.count(self.python, "-W", "ignore", "-m", "trace",
                            "--count", *words)
        callbacks = self.count(self.pytrace, "--count", "--engine",
                               CALLBACK_ENGINE, *words)
        probes = self.count(self.pytrace, "--count", "--engine", "probe",
                            *words)
        self.assertEqual(sorted(names), sorted(wanted))
        for name in names:
            with self.subTest(name):
                self.assertEqual(wanted[name], probes[name])
                self.assertEqual(comparable(wanted[name]),
                                 comparable(callbacks[name]))


class RandomTest(RandomCase):

    def test_few(self):
        for first in range(0, 100, 25):
            self.check_equal(range(first, first + 25))


if __name__ == "__main__":
    unittest.main()
