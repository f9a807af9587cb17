"""Random programs: probes, callbacks and `trace` count the same."""

import re
import sys
import unittest

from random_programs import program
from support import Case

CALLBACK_ENGINE = "monitoring" if hasattr(sys, "monitoring") else "settrace"
# Of the random programs: O()[...], O().p, for i in O().
SPECIALISED = re.compile(r"\[|\.p\b|\bfor\b|\bawait\b")
MAIN = """\
import gc, importlib, logging, sys
logging.disable()
# What a collection closes while `trace` itself runs would not be traced.
gc.disable()
sys.unraisablehook = lambda what: None
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    state, fuel = module.state, module.fuel
    vars(module).clear()
    del module
    gc.collect()
    print(name, state, fuel)
"""


def is_missed(line):
    """What callbacks may not see: see docs/versions.md, throw()."""
    return sys.version_info >= (3, 13) and "yield" in line


def specialises(line):
    """True where the interpreter calls Python code without a CALL.

    3.12: such a callee hides the line of its caller once the instruction is
    specialised, which takes longer under `trace`: see docs/versions.md.
    """
    return sys.version_info[:2] == (3, 12) and SPECIALISED.search(line)


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
        """The listing of each program, and the state it ended in."""
        done = run(*words)
        self.assertEqual(0, done.status, done.err)
        states = dict(re.findall(r"^(random_\d+) (.*)$", done.out, re.M))
        found = {path.stem: path.read_text()
                 for path in self.scratch.glob("random_*.cover")}
        for path in self.scratch.glob("*.cover"):
            path.unlink()
        return found, states

    def check_equal(self, seeds):
        """Returns how many programs differ in a way that is known."""
        names = self.write_programs(seeds)
        self.assertTrue(names)
        words = ["main.py", *names]
        _, plain = self.count(self.python, "-W", "ignore", *words)
        wanted, seen = self.count(self.python, "-W", "ignore", "-m", "trace",
                                  "--count", *words)
        self.assertEqual(sorted(names), sorted(wanted))
        callbacks, watched = self.count(self.pytrace, "--count", "--engine",
                                        CALLBACK_ENGINE, *words)
        probes, probed = self.count(self.pytrace, "--count", "--engine",
                                    "probe", *words)
        # Some depend on when objects die, and `trace` keeps frames for longer.
        same = [name for name in names if plain[name] == seen[name] ==
                watched[name] == probed[name]]
        self.assertGreater(len(same), 0.9 * len(names))
        excused = 0
        for name in same:
            with self.subTest(name):
                excused += self.check_lines(
                    wanted[name].splitlines(), callbacks[name].splitlines(),
                    probes[name].splitlines())
        return excused

    def check_lines(self, wanted, called, probed):
        """True if lines differ, but only as they may."""
        rows = list(zip(wanted, called, probed, strict=True))
        differ = [row for row in rows if row[0] != row[2]]
        # What dies while a callback of `trace` runs is not traced: then both
        # of ours count more, and the same.
        self.assertEqual([], [row for row in differ if row[1] != row[2]
                              and not specialises(row[0])])
        self.assertEqual(
            [], [row for row in rows if row[0] != row[1] and
                 row not in differ and not is_missed(row[0])])
        return bool(differ)


class RandomTest(RandomCase):

    def test_few(self):
        for first in range(0, 100, 25):
            excused = self.check_equal(range(first, first + 25))
            self.assertLess(excused, 2)

    def test_those_that_differed_once(self):
        # Left by what `except ... as` raises again; 3807: only by exceptions.
        self.check_equal([1236, 3028, 3314, 3560, 3730, 3807])


if __name__ == "__main__":
    unittest.main()
