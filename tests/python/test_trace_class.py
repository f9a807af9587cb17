"""pytrace.trace as a library: Trace, what it follows, what is ours in it."""

import contextlib
import gc
import inspect
import io
import os
import sys
import threading
import time
import unittest
import weakref

import pytrace.trace as trace
import pytrace.tracemalloc
import support

HERE = __file__


def linear(x):
    y = x + 1
    return y


def calls(x):
    return linear(x) + linear(x)


def generate(n):
    for i in range(n):
        yield i


def drain(n):
    return list(generate(n))


def fails():
    raise KeyError("out")


def line(function, offset):
    return HERE, function.__code__.co_firstlineno + offset


def printed(tracer, function, *args):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        tracer.runfunc(function, *args)
    return out.getvalue()


class Following(unittest.TestCase):
    """Which frames and lines count."""

    def setUp(self):
        self.addCleanup(sys.settrace, sys.gettrace())
        self.tracer = trace.Trace(count=1, trace=0)

    def test_only_frames_that_begin_under_us(self):
        def outer():
            self.tracer.runfunc(linear, 1)
            inner = 1
            return inner
        outer()
        self.assertEqual({line(linear, 1): 1, line(linear, 2): 1},
                         self.tracer.counts)

    def test_a_generator_from_before_counts_when_resumed(self):
        gen = generate(3)
        next(gen)
        self.tracer.runfunc(next, gen)
        self.assertEqual({line(generate, 1): 1, line(generate, 2): 1},
                         self.tracer.counts)

    def test_a_generator_from_within_is_left_alone_outside(self):
        gen = self.tracer.runfunc(generate, 3)
        list(gen)
        self.assertEqual({}, self.tracer.counts)

    def test_an_exception_leaves_and_ends_tracing(self):
        with self.assertRaises(KeyError):
            self.tracer.runfunc(fails)
        linear(1)
        self.assertIsNone(sys.gettrace())
        self.assertEqual({line(fails, 1): 1}, self.tracer.counts)

    def test_settrace_none_switches_off(self):
        def off():
            sys.settrace(None)
            return linear(1)
        self.tracer.runfunc(off)
        self.assertEqual({line(off, 1): 1}, self.tracer.counts)

    def test_the_slot_can_be_lent(self):
        def lend():
            tracer = sys.gettrace()
            sys.settrace(lambda *args: None)
            linear(1)
            sys.settrace(tracer)
            return calls(1)
        self.tracer.runfunc(lend)
        self.assertEqual(2, self.tracer.counts[line(linear, 1)])
        self.assertEqual(1, self.tracer.counts[line(lend, 5)])

    def test_a_function_of_the_user_may_pass_events_on(self):
        seen = []

        def own(frame, why, arg):
            seen.append(why)
            return self.tracer.globaltrace(frame, why, arg) and own
        sys.settrace(own)
        linear(1)
        sys.settrace(None)
        self.assertEqual(["call", "line", "line", "return"], seen)
        self.assertEqual({line(linear, 1): 1, line(linear, 2): 1},
                         self.tracer.counts)

    def test_threads_of_run_but_not_of_runfunc(self):
        def start():
            thread = threading.Thread(target=linear, args=(1,))
            thread.start()
            thread.join()
        self.tracer.runctx("start()", {"start": start})
        self.assertEqual(1, self.tracer.counts[line(linear, 1)])
        self.tracer.runfunc(start)
        self.assertEqual(1, self.tracer.counts[line(linear, 1)])

    def test_two_tracers_one_after_the_other_and_nested(self):
        inner = trace.Trace(count=1, trace=0)

        def both():
            linear(1)
            tracer = sys.gettrace()
            inner.runfunc(calls, 1)
            sys.settrace(tracer)
            linear(1)
        self.tracer.runfunc(both)
        self.assertEqual(2, self.tracer.counts[line(linear, 1)])
        self.assertEqual({line(linear, 1): 2, line(linear, 2): 2,
                          line(calls, 1): 1}, inner.counts)

    def test_code_that_dies_leaves_its_counts(self):
        self.tracer.runctx(
            "for i in range(500):\n"
            "    exec(compile('\\n' * (i % 7) + 'x = 1', '<t>', 'exec'), "
            "{'__file__': 'made.py'})", {"__file__": HERE})
        made = {key: hits for key, hits in self.tracer.counts.items()
                if key[0] == "<t>"}
        self.assertEqual(7, len(made))
        self.assertEqual(500, sum(made.values()))

    def test_absurd_line_numbers(self):
        code = linear.__code__.replace(co_firstlineno=2 ** 31 - 10)
        self.tracer.runfunc(type(linear)(code, globals()), 1)
        self.assertEqual({(HERE, 2 ** 31 - 9): 1, (HERE, 2 ** 31 - 8): 1},
                         self.tracer.counts)

    def test_deep_recursion_is_counted_to_its_end(self):
        def deep(n):
            return deep(n + 1)

        def run():
            try:
                deep(0)
            except RecursionError:
                return linear(1)
        self.tracer.runfunc(run)
        self.assertEqual(1, self.tracer.counts[line(linear, 1)])
        self.assertGreater(self.tracer.counts[line(deep, 1)], 500)

    def test_ignoring(self):
        ignores = trace.Trace(count=1, trace=0, ignoremods=["contextlib"])
        with contextlib.nullcontext():
            ignores.runfunc(contextlib.suppress, KeyError)
        self.assertEqual({}, ignores.counts)
        ignores = trace.Trace(count=1, trace=0, ignoredirs=[
            os.path.join(os.path.dirname(HERE), "x", "..")])
        ignores.runfunc(linear, 1)
        self.assertEqual({}, ignores.counts)

    def test_a_cycle_through_a_hook_is_collected(self):
        class Holder:
            def hook(self, name):
                pass
        holder = Holder()
        holder.tracer = trace.Trace(count=1, trace=0, start_func=holder.hook)
        holder.tracer.runfunc(linear, 1)
        dead = weakref.ref(holder)
        del holder
        gc.collect()
        self.assertIsNone(dead())


class Printing(unittest.TestCase):

    def test_errors_of_stdout_reach_the_program(self):
        class Full:
            def write(self, text):
                raise OSError("no space left")
        tracer = trace.Trace(count=0, trace=1)
        with contextlib.redirect_stdout(Full()):
            with self.assertRaisesRegex(OSError, "no space left"):
                tracer.runfunc(linear, 1)
        self.assertIsNone(sys.gettrace())

    def test_no_stdout_no_lines(self):
        tracer = trace.Trace(count=1, trace=1)
        with contextlib.redirect_stdout(None):
            tracer.runfunc(linear, 1)
        self.assertEqual(1, tracer.counts[line(linear, 1)])

    def test_source_that_changes_in_linecache(self):
        import linecache
        name = "<changing>"
        space = {"__file__": HERE}
        exec(compile("def f():\n    return 1\n", name, "exec"), space)
        tracer = trace.Trace(count=0, trace=1)
        self.addCleanup(linecache.cache.pop, name, None)
        for text in ("    return 'first'\n", "    return 'second'\n"):
            linecache.cache[name] = (1, None, ["def f():\n", text], name)
            self.assertIn(text, printed(tracer, space["f"]))


class Ours(unittest.TestCase):
    """What the standard module has not."""

    def test_signature(self):
        parameters = inspect.signature(trace.Trace).parameters.values()
        self.assertEqual(
            "count=1, trace=1, countfuncs=0, countcallers=0, ignoremods=(), "
            "ignoredirs=(), infile=None, outfile=None, timing=False",
            ", ".join(map(str, list(parameters)[:9])))

    def test_countlines_is_count(self):
        tracer = trace.Trace(countlines=False, trace=0)
        self.assertTrue(tracer.donothing)

    def test_all_three_kinds(self):
        tracer = trace.Trace(count=True, trace=False, countfuncs=True,
                             countcallers=True)
        tracer.runfunc(calls, 1)
        results = tracer.results()
        self.assertEqual(2, results.counts[line(linear, 1)])
        self.assertEqual({"calls", "linear"},
                         {name for _, _, name in results.calledfuncs})
        self.assertEqual({("Trace.runfunc", "calls"), ("calls", "linear")},
                         {(a[2], b[2]) for a, b in results.callers})

    def test_functions_alone(self):
        tracer = trace.Trace(countfuncs=1)
        self.assertEqual("", printed(tracer, calls, 1))
        self.assertEqual({}, tracer.counts)

    def test_calls_are_counted_not_resumptions(self):
        tracer = trace.Trace(count=0, trace=0, countcalls=True)
        tracer.runfunc(drain, 5)
        tracer.runfunc(calls, 5)
        called = tracer.results().calledfuncs
        self.assertEqual({"drain": 1, "generate": 1, "calls": 1, "linear": 2},
                         {key[2]: n for key, n in called.items()})
        results = tracer.results()
        results.update(tracer.results())
        self.assertEqual(4, results.calledfuncs[
            HERE, "test_trace_class", "linear"])

    def test_level_two_prints_returns(self):
        text = printed(trace.Trace(count=0, trace=2), calls, 1).splitlines()
        self.assertEqual(2, text.count(" --- return from linear"))
        self.assertEqual(" --- return from calls", text[-1])
        text = printed(trace.Trace(count=0, trace=True), calls, 1)
        self.assertNotIn("return from", text)

    def test_ignore_function_keeps_what_it_is_true_for(self):
        tracer = trace.Trace(
            count=1, trace=0, countfuncs=1,
            ignore_function=lambda frame: frame.f_code.co_name != "linear")
        tracer.runfunc(calls, 1)
        self.assertEqual({line(calls, 1): 1}, tracer.counts)
        self.assertEqual(1, len(tracer.results().calledfuncs))

    def test_start_and_finish(self):
        log = []
        tracer = trace.Trace(
            count=1, trace=0, start_func=lambda name: log.append("+" + name),
            finish_func=lambda name: log.append("-" + name))
        tracer.runfunc(calls, 1)
        with self.assertRaises(KeyError):
            tracer.runfunc(fails)
        self.assertEqual(
            ["+calls", "+linear", "-linear", "+linear", "-linear", "-calls",
             "+fails", "-fails"], log)
        self.assertEqual(2, tracer.counts[line(linear, 1)])
        self.assertEqual(2 + 2 + 1 + 1, sum(tracer.counts.values()))

    def test_a_hook_that_fails_stops_the_tracing(self):
        def hook(name):
            raise ArithmeticError(name)
        for which in ("start_func", "finish_func"):
            with self.subTest(which=which):
                tracer = trace.Trace(count=1, trace=0, **{which: hook})
                with self.assertRaisesRegex(ArithmeticError, "linear"):
                    tracer.runfunc(linear, 1)
                self.assertIsNone(sys.gettrace())

    def test_by_file(self):
        results = trace.CoverageResults({("a", 1): 2, ("a", 3): 4,
                                         ("b", 1): 5})
        self.assertEqual({"a": {1: 2, 3: 4}, "b": {1: 5}}, results.by_file())

    def test_results_are_of_the_moment(self):
        tracer = trace.Trace(count=1, trace=0)
        tracer.runfunc(linear, 1)
        early = tracer.results()
        early.update(early)
        tracer.runfunc(linear, 1)
        self.assertEqual(2, early.counts[line(linear, 1)])
        self.assertEqual(2, tracer.results().counts[line(linear, 1)])

    def test_tracemalloc_is_ours(self):
        self.assertIs(trace.tracemalloc, pytrace.tracemalloc)
        with self.assertRaises(AttributeError):
            trace.no_such_name


class Looks(unittest.TestCase):
    """What printed lines look like beyond the standard module."""

    def test_time_digits(self):
        text = printed(trace.Trace(count=0, trace=1, timing=True,
                                   time_digits=6), linear, 1)
        self.assertRegex(text.splitlines()[1],
                         r"^[0-9]+\.[0-9]{6} test_trace_class\.py\(")
        text = printed(trace.Trace(count=0, trace=1, timing=True), linear, 1)
        self.assertRegex(text.splitlines()[1], r"^[0-9]+\.[0-9]{2} test_")
        text = printed(trace.Trace(count=0, trace=1, timing=True,
                                   time_digits=0), linear, 1)
        self.assertRegex(text.splitlines()[1], r"^[0-9]+ test_")
        with self.assertRaisesRegex(ValueError, "0 to 9, not 10"):
            trace.Trace(timing=True, time_digits=10)

    def test_time_that_has_gone_by(self):
        begin = time.monotonic()
        tracer = trace.Trace(count=0, trace=1, timing=True, time_digits=3)
        time.sleep(0.25)
        text = printed(tracer, linear, 1)
        spent = time.monotonic() - begin
        shown = float(text.splitlines()[1].split()[0])
        self.assertGreaterEqual(shown, 0.25)
        self.assertLessEqual(shown, spent + 0.001)

    def test_color(self):
        text = printed(trace.Trace(count=0, trace=1, color=True), linear, 1)
        name, number = line(linear, 1)
        self.assertIn(f"\x1b[36mtest_trace_class.py({number})\x1b[0m: ", text)

    def test_thread_names(self):
        out = io.StringIO()
        tracer = trace.Trace(count=0, trace=1, thread_names=True)
        with contextlib.redirect_stdout(out):
            tracer.runctx("linear(1); t = threading.Thread(target=linear,"
                          "args=[2], name='ä'); t.start(); t.join();"
                          "linear(3)", globals(), {})
        lines = [text for text in out.getvalue().splitlines()
                 if "y = x + 1" in text]
        starts = [text[:text.index("test_")] for text in lines]
        self.assertEqual(["", "[ä] ", "[MainThread] "], starts)


class StandardOutput(support.Case):

    def test_is_as_before(self):
        self.write("prints.py",
                   "import sys, pytrace.trace as trace\n"
                   "def f():\n    return 'write' in vars(sys.stdout)\n"
                   "before = dict(vars(sys.stdout))\n"
                   "inside = trace.Trace(0, 1).runfunc(f)\n"
                   "after = dict(vars(sys.stdout))\n"
                   "print(before == after, inside, file=sys.stderr)\n")
        done = self.python("prints.py", env=support.environment(
            PYTHONPATH=support.PACKAGE))
        self.assertEqual("True True\n", done.err)
        self.assertIn("prints.py(3)", done.out)

    def test_what_waits_is_not_seen(self):
        self.write("looks.py",
                   "import gc, sys\ndef f():\n    x = 1\n    return [len("
                   "repr(o)) for o in gc.get_objects() if type(o) is list]\n"
                   "print(min(f()), file=sys.stderr)\n")
        done = self.python("-m", "pytrace.trace", "-t", "looks.py",
                           env=support.environment(
                               PYTHONPATH=support.PACKAGE))
        self.assertEqual((0, "2\n"), (done.status, done.err))


if __name__ == "__main__":
    unittest.main()
