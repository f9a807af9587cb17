"""pytrace.Tracer: what it counts, measures and prints."""

import contextlib
import io
import json
import textwrap
import threading
import unittest

import pytrace
from traced_functions import (Basket, HERE, TracerCase, fails, inner, numbers,
    outer, recurse, same)


class Figures(TracerCase):

    def test_callgraph(self):
        tracer = pytrace.Tracer(callgraph=True)
        with tracer:
            outer(1)
            recurse(3)
            list(numbers(2))
        edges = {(caller and caller.name, callee.name): calls
                 for (caller, callee), calls in tracer.callers.items()}
        self.assertEqual({
            (None, "outer"): 1, ("outer", "inner"): 2, (None, "recurse"): 1,
            ("recurse", "recurse"): 3, (None, "numbers"): 1,
            ("numbers", "inner"): 2}, edges)
        calls = {function.name: calls
                 for function, calls in tracer.calls.items()}
        self.assertEqual({"outer": 1, "inner": 4, "recurse": 4, "numbers": 1},
                         calls)
        function = next(f for f in tracer.calls if f.name == "outer")
        self.assertEqual((HERE, outer.__code__.co_firstlineno, "outer"),
                         tuple(function))

    def test_callgraph_written(self):
        tracer = pytrace.Tracer(callgraph=True)
        with tracer:
            outer(1)
        place = HERE.rpartition("/")[2]
        callee = f"{place}:{inner.__code__.co_firstlineno} (inner)"
        caller = f"{place}:{outer.__code__.co_firstlineno} (outer)"
        out = io.StringIO()
        tracer.write_callgraph(out)
        self.assertEqual(f"<outside>\n         1  {caller}\n{caller}\n"
                         f"         2  {callee}\n", out.getvalue())
        out = io.StringIO()
        tracer.write_callgraph(out, "dot")
        self.assertIn(f'  "{caller}" -> "{callee}" [label=2];\n',
                      out.getvalue())
        out = io.StringIO()
        tracer.write_callgraph(out, "json")
        self.assertEqual(
            [None, "outer"],
            [edge["caller"] and edge["caller"]["name"]
             for edge in json.loads(out.getvalue())["calls"]])

    def test_times(self):
        import time

        def sleeps(n):
            for _ in range(n):
                time.sleep(0.01)
            return inner_sleep()

        def inner_sleep():
            time.sleep(0.03)
        first = sleeps.__code__.co_firstlineno
        second = inner_sleep.__code__.co_firstlineno
        tracer = pytrace.Tracer(times=True)
        with tracer:
            sleeps(2)
        times = {line: time for (file, line), time
                 in tracer.line_times.items() if file == __file__}
        self.assertEqual({first + 1: 3, first + 2: 2, first + 3: 1,
                          second + 1: 1},
                         {line: time.hits for line, time in times.items()})
        # What is slept is at least what was asked for, on its own line.
        self.assertGreaterEqual(times[first + 2].seconds, 0.02)
        self.assertGreaterEqual(times[second + 1].seconds, 0.03)
        # The longest comes first: which that is the machine decides.
        longest = max(times, key=lambda line: times[line].seconds)
        out = io.StringIO()
        tracer.write_times(out, top=1)
        self.assertRegex(
            out.getvalue(),
            r"\n +%d +%.6f .*:%d  .*\n.* 3 more lines\n$"
            % (times[longest].hits, times[longest].seconds, longest))

    def test_time_of_a_generator_is_its_own(self):
        import time

        def steps():
            yield time.sleep(0.02)
            yield 2
        first = steps.__code__.co_firstlineno

        def uses():
            for _ in steps():
                time.sleep(0.03)
        tracer = pytrace.Tracer(times=True)
        began = time.monotonic()
        with tracer:
            uses()
        elapsed = time.monotonic() - began
        times = tracer.line_times
        line = uses.__code__.co_firstlineno
        self.assertGreaterEqual(times[__file__, first + 1].seconds, 0.02)
        self.assertGreaterEqual(times[__file__, line + 2].seconds, 0.06)
        # Nothing of it is the time of another line, too.
        self.assertLessEqual(
            sum(times[__file__, number].seconds
                for number in (first, first + 1, first + 2, line + 1,
                               line + 2) if (__file__, number) in times),
            elapsed)

    def test_what_was_gathered_adds_up(self):
        tracer = pytrace.Tracer(callgraph=True)
        for _ in range(3):
            with tracer:
                inner(1)
        self.assertEqual([3], list(tracer.calls.values()))


class Shown(TracerCase):

    def test_tree(self):
        basket = Basket()
        self.assertEqual(
            ["Basket.put(self=<Basket object>, what='tea', *more=(1,), "
             "count=2, **notes={'a': None})",
             "  Basket.price(self=<Basket object>, count=2)",
             "    => 6",
             "  => 6"],
            self.shown(lambda: basket.put("tea", 1, count=2, a=None),
                       places=False, functions="Basket.*").splitlines())

    def test_without_values(self):
        self.assertEqual("outer()\n  inner()\n    =>\n  inner()\n    =>\n"
                         "  =>\n", self.shown(
                             lambda: outer(1), values=False, places=False,
                             functions=["inner", "outer"]))

    def test_exceptions(self):
        def work():
            with contextlib.suppress(KeyError):
                fails("why")
        text = self.shown(work, places=False, functions=["work", "fails"])
        self.assertEqual(
            "fails(key='why')\n  ! KeyError('why')\n  !! KeyError('why')\n",
            textwrap.dedent("".join(text.splitlines(keepends=True)[1:4])))

    def test_generators(self):
        self.assertEqual(textwrap.dedent("""\
            numbers(n=1)
              inner(n=0)
                => 0
              ~> 0
            numbers ...
              => None
            """), self.shown(lambda: list(numbers(1)), places=False,
                             functions=["inner", "numbers"],
                             events=["call", "return"]))

    def test_lines_and_places(self):
        place = HERE.rpartition("/")[2]
        line = inner.__code__.co_firstlineno
        self.assertEqual(
            f"inner(n=1)  {place}:{line}\n  {line + 1}: return n * 2\n"
            "  => 2\n", self.shown(lambda: inner(1), functions="inner",
                                   events=["call", "line", "return"]))

    def test_values_that_bite(self):
        class Mean:
            def __repr__(self):
                raise AssertionError("asked for its repr")
        self.assertIn("(what=<Mean object>)",
                      self.shown(lambda: same(Mean())))

    def test_cells(self):
        def holds(value):
            return lambda: value
        self.assertIn("holds(value=5)", self.shown(lambda: holds(5)))

    def test_standard_output_of_the_moment(self):
        out = io.StringIO()
        with pytrace.Tracer(functions="inner"):
            with contextlib.redirect_stdout(out):
                inner(1)
        self.assertEqual(2, len(out.getvalue().splitlines()))

    def test_thread_names(self):
        def work():
            inner(1)
            thread = threading.Thread(target=inner, args=[2], name="second")
            thread.start()
            thread.join()
            inner(3)
        self.assertEqual([
            "inner(n=1)", "  => 2", "[second] inner(n=2)", "[second]   => 4",
            "[MainThread] inner(n=3)", "[MainThread]   => 6"],
            self.shown(work, functions="inner", places=False).splitlines())

    def test_output_that_fails(self):
        class Full:
            def write(self, text):
                raise OSError("full")
        with self.assertRaisesRegex(OSError, "full"):
            with pytrace.Tracer(show=Full()):
                self.assertEqual(2, inner(1))


if __name__ == "__main__":
    unittest.main()
