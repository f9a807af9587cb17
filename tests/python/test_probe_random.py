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
sys.unraisablehook = lambda what: None
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    state, fuel = module.state, module.fuel
    vars(module).clear()
    del module
    gc.collect()
    print(name, state, fuel)
"""


def comparable(listing):
    """What callbacks can count too: see docs/versions.md, throw()."""
    if sys.version_info < (3, 13):
        return listing
    return "".join(line for line in listing.splitlines(keepends=True)
                   if "yield" not in line)


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
        """Returns how many lines differ as `specialises` says."""
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
                excused += self.check_lines(wanted[name], probes[name])
                self.assertEqual(comparable(wanted[name]),
                                 comparable(callbacks[name]))
        return excused

    def check_lines(self, wanted, found):
        pairs = list(zip(wanted.splitlines(), found.splitlines(),
                         strict=True))
        excused = [pair for pair in pairs
                   if pair[0] != pair[1] and specialises(pair[0])]
        self.assertEqual([pair[0] for pair in pairs if pair not in excused],
                         [pair[1] for pair in pairs if pair not in excused])
        return len(excused)


class RandomTest(RandomCase):

    def test_few(self):
        for first in range(0, 100, 25):
            excused = self.check_equal(range(first, first + 25))
            self.assertLess(excused, 2)


if __name__ == "__main__":
    unittest.main()
