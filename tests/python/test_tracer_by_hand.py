"""What documents show by hand with sys.settrace, in a few lines each."""

import io
import textwrap
import time
import unittest

import pytrace


def c():
    pass


def b():
    c()


def a():
    b()
    c()


def boom(n):
    try:
        return 1 // n
    except ZeroDivisionError:
        return n


def slow():
    time.sleep(0.02)
    return 1


class ByHand(unittest.TestCase):

    def test_calls(self):
        seen = []
        with pytrace.Tracer(lambda frame, event, arg: seen.append(
                frame.f_code.co_name), events="call"):
            a()
        self.assertEqual(["a", "b", "c", "c"], seen)

    def test_lines(self):
        seen = []
        with pytrace.Tracer(lambda frame, event, arg: seen.append(
                frame.f_lineno), events="line", functions="a"):
            a()
        first = a.__code__.co_firstlineno
        self.assertEqual([first + 1, first + 2], seen)

    def test_all_events(self):
        seen = []
        with pytrace.Tracer(lambda frame, event, arg: seen.append(
                (event, arg[0] if event == "exception" else arg))):
            boom(0)
        self.assertEqual([
            ("call", None), ("line", None), ("line", None),
            ("exception", ZeroDivisionError), ("line", None), ("line", None),
            ("return", 0)], seen)

    def test_a_tracer_to_use_again(self):
        out = io.StringIO()
        tracer = pytrace.Tracer(show=out, events="call", places=False)
        for _ in range(2):
            with tracer:
                a()
        self.assertEqual("a()\n  b()\n    c()\n  c()\n" * 2, out.getvalue())

    def test_call_graph(self):
        tracer = pytrace.Tracer(callgraph=True)
        with tracer:
            a()
        self.assertEqual(
            {("a", "b"), ("b", "c"), ("a", "c")},
            {(caller.name, callee.name)
             for caller, callee in tracer.callers if caller is not None})

    def test_filtering(self):
        seen = []
        with pytrace.Tracer(lambda frame, event, arg: seen.append(
                frame.f_code.co_filename), include="*/textwrap.py",
                omit=["<*", "*/re/*"]):
            textwrap.dedent(" a")
            a()
        self.assertEqual({textwrap.__file__}, set(seen))

    def test_time_of_lines(self):
        tracer = pytrace.Tracer(times=True)
        with tracer:
            slow()
        out = io.StringIO()
        tracer.write_times(out, top=1)
        self.assertIn("time.sleep(0.02)", out.getvalue())


if __name__ == "__main__":
    unittest.main()
