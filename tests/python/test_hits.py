"""--count --hits: of each line whether it ran, and no more."""

import re
import sys
import unittest

from random_programs import program
from support import PROGRAMS, Case
from test_probe_random import MAIN

CALLBACK_ENGINE = "monitoring" if hasattr(sys, "monitoring") else "settrace"
ALIKE = ["class_bodies", "closures", "comprehensions", "decorators",
         "escaping", "matching", "one_liners", "raising", "statements",
         "yielding"]
COUNT = re.compile(r"^ *\d+:", re.MULTILINE)


# What other tools see, lines of one unit, lines that run late, and a function
# that runs inside a trace function of its own, between any two instructions.
TRAPS = """
import dis, io, sys

def lines(a, b,
          c):
    x = max(
        a,
        1,
        b,
        c)
    while True:
        if x > 3:
            x -= 1
            continue
        break
    try:
        for i in (1,
                  2, x):
            if i: pass
            x += i / a
    except ZeroDivisionError:
        pass
    match x:
        case None:
            pass
        case _:
            b = x
    return (
        x,
        a)

def waits(n):
    try:
        yield (
            n)
        if n: yield from waits(n - 1)
    finally:
        n = 0

def pairs(n):
    y = n
    z = [y,
         n]
    if n:
        y += 1
    return y, z

def jumps(n):
    a = 1
    a = 2
    for i in range(2):
        a = 3
        a = 4
    a += 10
    return a

def grows(parts):
    text = ""
    for part in parts:
        text = (
            text +
            part)
    return text

events = []

def note(frame, event, arg):
    if frame.f_code in (lines.__code__, waits.__code__):
        events.append((frame.f_lineno, event))
        return note

def stream(func, *args):
    events.clear()
    sys.settrace(note)
    result = func(*args)
    sys.settrace(None)
    return events, result

def between(frame, event, arg):
    if frame.f_code is not pairs.__code__:
        return None
    frame.f_trace_opcodes = True
    if event == "opcode":
        sys.settrace(None)
        assert pairs(3) == (4, [3, 3]) and pairs(0) == (0, [0, 0])
        sys.settrace(between)
    return between

def jump(frame, event, arg):
    if frame.f_code is not jumps.__code__:
        return None
    first = frame.f_code.co_firstlineno
    if event == "line" and frame.f_lineno == first + 2:
        frame.f_lineno = first + 6
    return jump

print(stream(lines, 5, 2, 9))
print(stream(lines, 0, 2, 9))
print(stream(lambda: list(waits(2))))
sys.settrace(between)
print(pairs(7))
sys.settrace(jump)
print(jumps(7))
sys.settrace(None)
print([lines(n, 2, 9) for n in range(20)], len(grows("ab" * 50)))
copy = type(lines)(lines.__code__.replace(co_name="copy"), globals())
dis.dis(lines, adaptive=True, file=io.StringIO())
print(copy(1, 2, 3), hash(lines.__code__) == hash(lines.__code__))
"""


def without_counts(listing):
    """Each count of a listing as 1."""
    return COUNT.sub("    1:", listing)


class HitsTest(Case):

    def check_as_trace(self, name, *options):
        self.python("-m", "trace", "--count", "--missing", "-C", "wanted",
                    name + ".py")
        wanted = (self.scratch / "wanted" / f"{name}.cover").read_text()
        done = self.pytrace("--count", "--hits", "--missing", *options,
                            name + ".py")
        self.assertEqual(without_counts(wanted), self.listing(name))
        return done

    def test_as_trace_without_counts(self):
        for name in ALIKE:
            self.copy(name + ".py")
            for engine in "probe", CALLBACK_ENGINE:
                with self.subTest(name=name, engine=engine):
                    self.check_as_trace(name, "--engine", engine)

    def test_it_is_said(self):
        self.copy("statements.py")
        self.assertRegex(self.check_as_trace("statements", "-s").err,
                         "(?m)^pytrace: lines hit or not exact, by ")

    def test_a_line_of_many_instructions_and_many_processes(self):
        self.write("forks.py", "import os\ndef f(n):\n"
                   "    return [i for i in range(n) if i] and f(n - 1)\n"
                   "if os.fork():\n    os.wait()\n    f(1)\nelse:\n    f(5)\n")
        self.pytrace("--count", "--hits", "forks.py")
        self.assertEqual({"1"}, {line[:7].strip(" :") for line in self.listing(
            "forks").splitlines() if ":" in line[:7]})

    def test_summary_is_that_of_counts(self):
        self.copy("raising.py")
        options = ["-m", "-s", "raising.py"]
        counts = self.pytrace("--count", *options)
        hits = self.pytrace("--count", "--hits", *options)
        self.assertEqual(counts.out, hits.out)

    def test_what_runs_late_is_seen(self):
        self.write("late.py", "def f(n):\n    if n == 999:\n"
                   "        try:\n            n / 0\n"
                   "        except ZeroDivisionError:\n            pass\n"
                   "        return 1\n    return 0\n"
                   "print(sum(f(n) for n in range(1000)))\n")
        self.check_as_trace("late")

    def test_sums_over_lines(self):
        self.write("sums.py", "def f(a):\n    x = \\\n        a + \\\n"
                   "        a\n    x += \\\n        a\n    return x\n"
                   "f(1)\n")
        self.check_as_trace("sums")

    def test_random_programs(self):
        names = []
        for seed in range(25):
            text = program(seed)
            try:
                compile(text, "random", "exec")
            except SyntaxError:
                continue
            names.append(self.write(f"random_{seed}.py", text)[:-3])
        self.write("main.py", MAIN)
        found = []
        for options in [], ["--hits", "--engine", "probe"]:
            self.pytrace("--count", *options, "main.py", *names)
            found.append({name: without_counts(self.listing(name))
                          for name in names})
        self.assertEqual(*found)

    def test_code_objects_stay_what_they_are(self):
        self.write("keys.py", "def f(n):\n    if n:\n        n += (n,\n"
                   "              1)[1]\n    return n\n"
                   "code = f.__code__\nknown = {code: hash(code)}\n"
                   "for n in range(99):\n    f(n)\n"
                   "print(known[code] == hash(code), code == f.__code__,\n"
                   "      f.__code__.replace(co_name='g') == code.replace(\n"
                   "          co_name='g'), sorted({line for _, _, line in\n"
                   "                                code.co_lines()\n"
                   "                                if line}))\n")
        plain = self.python("keys.py")
        done = self.pytrace("--count", "--hits", "--engine", "probe",
                            "keys.py")
        self.assertEqual(plain.out, done.out)

    def test_traps_are_not_seen(self):
        self.write("traps.py", TRAPS)
        plain = self.python("traps.py")
        done = self.pytrace("--count", "--hits", "--engine", "probe",
                            "traps.py")
        self.assertEqual(plain.out, done.out)

    def test_wrong_use(self):
        for words in (["--mem", "--hits"], ["--count", "--hits", "--branch"],
                      ["--count", "--hits", "--line-times"]):
            done = self.pytrace(*words, PROGRAMS / "statements.py")
            self.assertEqual(2, done.status)
            self.assertIn("--hits", done.err)


if __name__ == "__main__":
    unittest.main()
