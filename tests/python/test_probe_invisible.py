"""Rewritten code behaves, and shows itself, as the compiler's own."""

import unittest

from support import PROGRAMS, Case


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

    def test_functions_that_are_compiled_by_others(self):
        self.check_same("probe/compiles_itself.py", hits=True)

    def test_code_whose_frame_has_not_come_to_a_probe(self):
        self.check_same("probe/looks_while_it_runs.py")

    def test_constants_pickled_by_value(self):
        self.check_same("probe/pickles_code.py")

    def test_an_int_in_whose_place_a_probe_is_loaded(self):
        name = "has_int.py"
        self.write(name, """\
def add_one(n):
    return n + 1000


add_one(3)
kinds = {type(c).__name__ for c in add_one.__code__.co_consts}
print("StandIn" in kinds, [add_one(n) for n in (1, 2)])
""")
        done = self.pytrace("--count", "--engine", "probe", name)
        self.assertEqual("True [1001, 1002]", done.out.splitlines()[0])

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


if __name__ == "__main__":
    unittest.main()
