"""--calls: the tree of calls, as a trace function prints it."""

import os
import re
import signal
import unittest

from support import Case

REFERENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "tree_reference.py")
PROGRAMS = [
    "branching.py", "class_bodies.py", "closures.py", "comprehensions.py",
    "decorators.py", "matching.py", "one_liners.py", "raising.py",
    "statements.py", "yielding.py",
]
CALL = re.compile(r"( *)([^()\n]+?)(?:\(\)| (?=\.\.\.))( ?\.\.\.)?  \S+:\d+")

BASKET = """\
class Basket:
    def __init__(self, owner):
        self.owner = owner
    def __repr__(self):
        raise RuntimeError("asked")
    def add(self, name, *more, count=1, **others):
        return [name] * count
    def fail(self):
        raise KeyError(self)

def gives(names):
    for name in names:
        yield len(name)

basket = Basket("Ann")
basket.add("tea", 1, 2, count=2, size="x" * 500)
print("printed")
try:
    basket.fail()
except KeyError:
    pass
list(gives(["ab"]))
"""


class ProgramsTest(Case):
    """Calls and what the program prints, in their order."""

    def check(self, program):
        self.copy(program)
        path = os.path.join(self.scratch, program)
        wanted = self.python(REFERENCE, path)
        self.assertEqual(0, wanted.status, wanted.err)
        done = self.pytrace("--calls", path)
        self.assertEqual(0, done.status, done.err)
        got = re.sub(CALL, lambda match: match[1] + match[2]
                     + (" ..." if match[3] else ""), done.out)
        self.assertEqual(wanted.out, got)


def add_program_test(program):
    def test(self):
        self.check(program)
    test.__doc__ = f"{program}: calls as a trace function prints them"
    setattr(ProgramsTest, "test_" + program.removesuffix(".py"), test)


for name in PROGRAMS:
    add_program_test(name)


class ValuesTest(Case):

    def calls(self, *options, program=BASKET):
        self.write("prog.py", program)
        done = self.pytrace("--calls", *options, "prog.py")
        self.assertQuiet(done)
        self.assertEqual(0, done.status, done.err)
        return done.out

    def test_plain(self):
        self.assertEqual(
            "<module>()  prog.py:1\n"
            "  Basket()  prog.py:1\n"
            "  Basket.__init__()  prog.py:2\n"
            "  Basket.add()  prog.py:6\n"
            "printed\n"
            "  Basket.fail()  prog.py:8\n"
            "  gives()  prog.py:11\n"
            "  gives ...  prog.py:13\n", self.calls())

    def test_arguments(self):
        out = self.calls("--args")
        self.assertIn("  Basket.__init__(self=<Basket object>, "
                      "owner='Ann')  prog.py:2\n", out)
        self.assertRegex(
            out, r"  Basket.add\(self=<Basket object>, name='tea', "
                 r"\*more=\(1, 2\), count=2, \*\*others=\{'size': "
                 r"'x{10,70}[x'.}]*\)  prog.py:6\n")
        self.assertNotIn("=>", out)

    def test_returns(self):
        out = self.calls("--returns")
        self.assertIn("  Basket.add()  prog.py:6\n"
                      "    => ['tea', 'tea']\n", out)
        self.assertIn("  gives()  prog.py:11\n"
                      "    ~> 2\n"
                      "  gives ...  prog.py:13\n"
                      "    => None\n", out)
        self.assertNotIn("KeyError", out)

    def test_exceptions(self):
        out = self.calls("--exceptions")
        self.assertIn("  Basket.fail()  prog.py:8\n"
                      "    ! KeyError(<Basket object>)\n"
                      "    !! KeyError(<Basket object>)\n"
                      "  ! KeyError(<Basket object>)\n", out)
        self.assertNotIn("=>", out)

    def test_threads_are_named(self):
        out = self.calls(program="import threading\n"
                                 "def f():\n"
                                 "    pass\n"
                                 "thread = threading.Thread(target=f, "
                                 "name='worker')\n"
                                 "thread.start()\n"
                                 "thread.join()\n"
                                 "f()\n")
        self.assertEqual("<module>()  prog.py:1\n"
                         "[worker] f()  prog.py:2\n"
                         "[MainThread]   f()  prog.py:2\n", out)


class OthersTest(Case):

    def test_scope(self):
        self.write("part.py", "def f(g):\n    return g()\n")
        self.write("prog.py", "import part\npart.f(lambda: 1)\n")
        done = self.pytrace("--calls", "--ignore-module", "part", "prog.py")
        self.assertEqual("<module>()  prog.py:1\n"
                         "  <lambda>()  prog.py:2\n", done.out)
        done = self.pytrace("--calls", "--include", "*part.py", "prog.py")
        self.assertEqual("<module>()  part.py:1\n"
                         "f()  part.py:1\n", done.out)
        done = self.pytrace("--calls", "--all", "--cmd", "import fractions")
        self.assertIn("<module>()  fractions.py:1\n", done.out)

    def test_counts_beside_it(self):
        self.copy("branching.py")
        plain = self.pytrace("--count", "branching.py")
        listing = self.listing("branching")
        done = self.pytrace("--count", "--calls", "branching.py")
        self.assertEqual(listing, self.listing("branching"))
        self.assertIn("<module>()  branching.py:1\n", done.out)
        self.assertTrue(set(plain.out.split()) <= set(done.out.split()))

    def test_nobody_reads(self):
        self.write("prog.py", "import os, sys\n"
                              "os.close(1)\n"
                              "def f():\n"
                              "    return 1\n"
                              "f()\n"
                              "sys.stderr.write('went on')\n"
                              "sys.stdout = None\n"
                              "f()\n")
        done = self.pytrace("--calls", "prog.py")
        self.assertIn("went on", done.err)

    def test_program_without_stdout_object(self):
        self.write("prog.py", "import sys\n"
                              "del sys.stdout\n"
                              "def f():\n"
                              "    return 1\n"
                              "f()\n")
        done = self.pytrace("--calls", "prog.py")
        self.assertEqual((0, "<module>()  prog.py:1\n"
                             "  f()  prog.py:3\n"),
                         (done.status, done.out))

    def test_killed_after_a_flush(self):
        self.write("prog.py", "import os, sys\n"
                              "def f(n):\n"
                              "    sys.stdout.flush()\n"
                              "    os.kill(os.getpid(), 9)\n"
                              "f(1)\n")
        done = self.pytrace("--calls", "--args", "prog.py")
        self.assertEqual(-signal.SIGKILL, done.status)
        self.assertEqual("<module>()  prog.py:1\n"
                         "  f(n=1)  prog.py:2\n", done.out)

    def test_wrong_combinations(self):
        self.write("prog.py", "print('ran')\n")
        for words, message in [
                (["--count", "--args"],
                 "--args, --returns and --exceptions can only be used with "
                 "--calls"),
                (["--trace", "--calls"],
                 "cannot specify both --trace and --calls")]:
            done = self.pytrace(*words, "prog.py")
            self.assertEqual((2, ""), (done.status, done.out))
            self.assertIn(message, done.err)


if __name__ == "__main__":
    unittest.main()
