"""Rewritten code behaves, and shows itself, as the compiler's own."""

import importlib.util
import unittest

from support import PROGRAMS, Case

COVERAGE = "import coverage\ncover = coverage.Coverage(data_file=None)\n"


class InvisibleTest(Case):

    def check_same(self, program, hits=False):
        """Plain and by probe: same output, same status, nothing said."""
        name = program.rpartition("/")[2]
        self.write(name, self.copy_text(program))
        plain = self.python(name)
        done = self.pytrace("--count", "--engine", "probe", name)
        self.assertEqual(0, plain.status, plain.err)
        self.assertEqual(plain.out, done.out)
        self.assertEqual(plain.status, done.status)
        self.assertQuiet(done)
        if hits:
            self.check_hits(name.removesuffix(".py"))
        return done

    def copy_text(self, program):
        return (PROGRAMS / program).read_text()

    def test_tracebacks_positions_sources_warnings(self):
        self.check_same("probe/shows_places.py")

    def test_other_tools_see_the_same_events(self):
        self.check_same("probe/traces_itself.py")

    def test_pdb(self):
        self.check_same("probe/debugs_itself.py")

    def test_code_objects_in_the_programs_hands(self):
        self.check_same("probe/handles_code.py", hits=True)

    def test_marshal_and_spawn(self):
        name = "sends_code.py"
        self.write(name, self.copy_text("probe/sends_code.py"))
        plain = self.python(name)
        done = self.pytrace("--count", "--engine", "probe", name)
        # A probe is no value that marshal knows, and a code object that
        # counted nothing elsewhere would be worse: docs/architecture.md.
        self.assertEqual(["30", "True", "[3, 6]"], plain.out.split("\n")[:3])
        self.assertEqual(["unmarshallable object", "True", "[3, 6]"],
                         done.out.split("\n")[:3])

    @unittest.skipUnless(importlib.util.find_spec("cloudpickle"),
                         "cloudpickle is not installed")
    def test_cloudpickle_by_value(self):
        self.write("pickles.py", "import cloudpickle, pickle\n"
                   "def f(n):\n    return [i for i in range(n) if i]\n"
                   "data = cloudpickle.dumps(f)\n"
                   "print(b'_pytrace' in data, pickle.loads(data)(3))\n")
        done = self.pytrace("--count", "--engine", "probe", "pickles.py")
        self.assertEqual("False [1, 2]\n", done.out, done.err)

    @unittest.skipUnless(importlib.util.find_spec("coverage"),
                         "coverage is not installed")
    def test_coverage_at_the_same_time(self):
        self.write("mod.py", "def f(n):\n    if n:\n        return 1\n"
                   "    return 2\nf(1)\n")
        self.write("covers.py", COVERAGE + "cover.start()\nimport mod\n"
                   "cover.stop()\nprint(cover.analysis2(mod)[1:4])\n")
        plain = self.python("covers.py")
        done = self.pytrace("--count", "--engine", "probe", "covers.py")
        self.assertEqual(plain.out, done.out)
        self.assertIn("    1:         return 1", self.listing("mod"))


if __name__ == "__main__":
    unittest.main()
