"""Values are shown without running any code of theirs."""

import collections
import dataclasses
import enum
import unittest

from pytrace import _pytrace

saferepr = _pytrace.tracer.saferepr


def explode(*args):
    raise AssertionError("the program's code was run")


class Hostile:
    __repr__ = __str__ = __getattribute__ = __hash__ = __eq__ = explode
    __len__ = __iter__ = __bool__ = __class_getitem__ = explode


class HostileInt(int):
    __repr__ = __str__ = __index__ = __int__ = explode


class HostileDict(dict):
    __repr__ = __iter__ = items = keys = __getitem__ = explode


class HostileMeta(type):
    __repr__ = __getattribute__ = explode


class OfHostileMeta(metaclass=HostileMeta):
    pass


class HostileError(Exception):
    __repr__ = __str__ = explode


Point = collections.namedtuple("Point", "x y")


class SafeRepr(unittest.TestCase):

    def test_built_in_values_look_as_ever(self):
        for value in (None, True, False, 0, -1, 2**63, -2**200, 1.5, 1e300,
                      float("inf"), 2j, "", "a", "it's", 'say "a"',
                      "it's \"a\"", "\n\t\r\\", "ä", "\u20ac", "\U0001f600",
                      "\x00\x1b\x7f", "\x85", b"", b"ab\x00\xff\n'", (), (1,),
                      (1, 2), [], [1, "a"], {}, {"a": 1, 2: (3,)}, set(),
                      {1}, ..., NotImplemented, [[[1]]]):
            with self.subTest(value=value):
                expected = repr(value).replace('b"', "b'")
                if isinstance(value, bytes) and value:
                    expected = "b'ab\\x00\\xff\\n\\''"
                self.assertEqual(expected, saferepr(value, size=300))

    def test_nothing_of_the_program_is_run(self):
        self.assertEqual("<Hostile object>", saferepr(Hostile()))
        self.assertEqual("[<Hostile object>]", saferepr([Hostile()]))
        self.assertEqual("HostileInt(7)", saferepr(HostileInt(7)))
        self.assertEqual("HostileDict({'a': 1})",
                         saferepr(HostileDict(a=1)))
        self.assertEqual("<OfHostileMeta object>", saferepr(OfHostileMeta()))
        self.assertEqual("<class OfHostileMeta>", saferepr(OfHostileMeta))
        self.assertEqual("HostileError('a', 1)",
                         saferepr(HostileError("a", 1)))

    def test_heirs_show_what_they_inherit(self):
        class Colour(enum.IntEnum):
            RED = 3

        @dataclasses.dataclass
        class Data:
            x: int

        self.assertEqual("Point(1, 2)", saferepr(Point(1, 2)))
        self.assertEqual("Colour(3)", saferepr(Colour.RED))
        self.assertEqual("<Data object>", saferepr(Data(1)))
        self.assertEqual("collections.OrderedDict({1: 2})",
                         saferepr(collections.OrderedDict({1: 2})))
        self.assertEqual("frozenset({1})", saferepr(frozenset([1])))
        self.assertEqual("bytearray(b'a')", saferepr(bytearray(b"a")))

    def test_what_has_a_name(self):
        def inner():
            yield
        prefix = "SafeRepr.test_what_has_a_name.<locals>."
        self.assertEqual(f"<function {prefix}inner>", saferepr(inner))
        self.assertEqual(f"<generator {prefix}inner>", saferepr(inner()))
        self.assertEqual("<built-in function len>", saferepr(len))
        self.assertEqual("<class int>", saferepr(int))
        self.assertEqual("<method SafeRepr.test_what_has_a_name>",
                         saferepr(self.test_what_has_a_name))

    def test_names_of_classes_are_one_line(self):
        self.assertEqual("<a\\nb\\x1b[1m object>",
                         saferepr(type("a\nb\x1b[1m", (), {})()))
        self.assertEqual("<class \u20ac\\t>",
                         saferepr(type("\u20ac\t", (), {})))
        long = saferepr(type("\u20ac" * 10**6, (), {}), size=1000)
        self.assertRegex(long, "\\A<class \u20ac{67}>\\Z")

    def test_sets(self):
        numbers = set(range(20))
        for number in range(20):
            if number != 7:
                numbers.discard(number)
        self.assertEqual("{7}", saferepr(numbers))
        self.assertEqual(repr(set("abcdef")), saferepr(set("abcdef")))
        self.assertRegex(saferepr(set(range(99)), items=2),
                         r"\A\{\d+, \d+, \.\.\.\}\Z")
        numbers.clear()
        self.assertEqual("set()", saferepr(numbers))

    def test_limits(self):
        self.assertEqual("'" + "a" * 79 + "...", saferepr("a" * 1000))
        self.assertEqual("'" + "ä" * 4 + "...", saferepr("ä" * 9, size=10))
        self.assertEqual("[0, 1, 2, ...]", saferepr(list(range(9)), items=3))
        self.assertEqual("{0: 0, ...}",
                         saferepr({i: i for i in range(9)}, items=1))
        self.assertEqual("[[...]]", saferepr([[[[]]]], depth=2))
        self.assertEqual("<int of 4000001 bits>", saferepr(1 << 4000000))
        self.assertEqual("'a...", saferepr("a" * 10**7, size=2))

    def test_what_contains_itself(self):
        knot = []
        knot.append(knot)
        self.assertEqual("[[[...]]]", saferepr(knot))
        table = {}
        table["a"] = table
        self.assertEqual("{'a': {'a': {'a': ...}}}", saferepr(table))

    def test_an_exception_under_way_is_left_alone(self):
        try:
            raise KeyError("mine")
        except KeyError as error:
            saferepr({1: Hostile(), "a" * 500: 1 << 9999})
            self.assertEqual("mine", error.args[0])


if __name__ == "__main__":
    unittest.main()
