"""pytrace.Tracer: filters, callbacks, and its life."""

import contextlib
import gc
import json
import sys
import textwrap
import threading
import unittest
import weakref

import pytrace
from traced_functions import (Basket, HERE, Recorder, TracerCase, fails, inner,
    numbers, outer, recurse)


class Filters(TracerCase):

    def test_own_code_by_default(self):
        self.assertEqual(["<lambda>"], self.calls(
            lambda: textwrap.dedent(" a")))

    def test_everything(self):
        calls = self.calls(lambda: textwrap.dedent(" a"), everything=True)
        self.assertEqual(["<lambda>", "dedent"], calls[:2])

    def test_include_and_omit(self):
        def both():
            outer(1)
            textwrap.dedent("")
        self.assertEqual(["dedent"], self.calls(both, include="*/textwrap.py"))
        self.assertEqual(["dedent"],
                         self.calls(both, include=[textwrap.__file__]))
        self.assertEqual(["both"], self.calls(both, omit=HERE))
        self.assertEqual(["outer", "inner", "inner"],
                         self.calls(both, include=HERE))

    def test_a_directory_includes_what_is_in_it(self):
        place = HERE.rpartition("/")[0]
        self.assertEqual(["inner"], self.calls(lambda: inner(1), include=place,
                                               omit_functions="<lambda>"))

    def test_modules(self):
        def both():
            inner(1)
            json.dumps([1])
        self.assertEqual(["dumps"], self.calls(both, modules="json",
                                               functions="dumps"))
        self.assertIn("encode", self.calls(both, modules="json"))
        self.assertEqual([], self.calls(both, modules="js"))
        self.assertNotIn("encode", self.calls(
            both, modules="json", omit_modules="json.encoder"))
        self.assertEqual(["inner"], self.calls(both,
                                               modules="traced_functions"))

    def test_functions(self):
        basket = Basket()
        self.assertEqual(["put"], self.calls(lambda: basket.put(1),
                                             functions="Basket.put"))
        self.assertEqual(["put", "price"], self.calls(lambda: basket.put(1),
                                                      functions="Basket.*"))
        self.assertEqual(["price"], self.calls(lambda: basket.put(1),
                                               functions=["pri?e", "x"]))
        self.assertEqual(["put"], self.calls(
            lambda: basket.put(1), omit_functions=["price", "<lambda>"]))

    def test_depth(self):
        self.assertEqual(["outer"], self.calls(lambda: outer(1), depth=1,
                                               omit_functions="<lambda>"))
        self.assertEqual(["recurse"] * 3, self.calls(
            lambda: recurse(9), depth=3, functions="recurse"))

    def test_threads(self):
        def work():
            thread = threading.Thread(target=inner, args=[1], name="worker-1")
            thread.start()
            thread.join()
            outer(1)
        self.assertEqual(3, self.calls(work).count("inner"))
        self.assertEqual(2, self.calls(work, threads="current").count("inner"))
        self.assertEqual(["inner"], self.calls(work, threads="worker-*"))
        self.assertEqual([], self.calls(work, threads="other"))

    def test_threads_that_run_already(self):
        go, done = threading.Event(), threading.Event()

        def wait():
            go.wait()
            inner(1)
            done.set()
        thread = threading.Thread(target=wait)
        thread.start()
        recorder = Recorder()
        with pytrace.Tracer(recorder, events="call", functions="inner"):
            go.set()
            done.wait()
        thread.join()
        self.assertEqual([("call", "inner")], recorder.seen)

    def test_only_frames_that_begin_while_it_runs(self):
        recorder = Recorder()
        steps = numbers(3)
        next(steps)
        tracer = pytrace.Tracer(recorder, everything=True)
        tracer.start()
        here = 1
        next(steps)
        tracer.stop()
        next(steps)
        self.assertEqual(here, 1)
        self.assertNotIn("test_only_frames_that_begin_while_it_runs",
                         [name for _, name in recorder.seen])
        self.assertEqual(("call", "numbers"), recorder.seen[0])
        self.assertEqual(1, recorder.seen.count(("call", "numbers")))

    def test_code_made_again_and_again(self):
        # Code objects may get the addresses of dead ones.
        def work():
            for i in range(300):
                name = "wanted" if i % 3 == 0 else f"other_{i}"
                space = {}
                exec(f"def {name}(): pass", space)
                space[name]()
        self.assertEqual(["wanted"] * 100,
                         self.calls(work, functions="wanted"))


class Callbacks(TracerCase):

    def test_what_happens_in_it_is_not_traced(self):
        seen = []

        def callback(frame, event, arg):
            seen.append(frame.f_code.co_name)
            outer(1)
        with pytrace.Tracer(callback, events="call"):
            inner(1)
            inner(2)
        self.assertEqual(["inner", "inner"], seen)

    def test_an_exception_ends_the_tracing_and_is_raised_at_the_end(self):
        seen = []

        def callback(frame, event, arg):
            seen.append(frame.f_code.co_name)
            raise ValueError("mine")
        tracer = pytrace.Tracer(callback, events="call")
        results = []
        with self.assertRaisesRegex(ValueError, "mine"):
            with tracer:
                results.append(outer(1))
                results.append(tracer.running)
        self.assertEqual([6, False], results)
        self.assertEqual(["outer"], seen)
        # It can be started anew.
        with self.assertRaisesRegex(ValueError, "mine"):
            with tracer:
                inner(1)
        self.assertEqual(["outer", "inner"], seen)

    def test_the_programs_own_exception_goes_first(self):
        def callback(frame, event, arg):
            raise ValueError("mine")
        told = []
        hook, sys.unraisablehook = sys.unraisablehook, told.append
        try:
            with self.assertRaisesRegex(KeyError, "its"):
                with pytrace.Tracer(callback):
                    fails("its")
        finally:
            sys.unraisablehook = hook
        self.assertEqual(1, len(told))
        self.assertIsInstance(told[0].exc_value, ValueError)

    def test_interrupts_go_to_the_program(self):
        def callback(frame, event, arg):
            raise KeyboardInterrupt
        for event in ("call", "line", "return", "exception", "opcode"):
            with self.subTest(event=event):
                tracer = pytrace.Tracer(callback, events=event)
                with tracer:
                    with self.assertRaises(KeyboardInterrupt):
                        with contextlib.suppress(KeyError):
                            fails(1)
                            inner(1)
                        inner(1)
                    self.assertFalse(tracer.running)
                    self.assertEqual(2, inner(1))

    def test_what_it_returns_does_not_matter(self):
        for value in (None, False, 1, self):
            seen = []
            with pytrace.Tracer(lambda *event: seen.append(event) or value,
                                functions="inner"):
                inner(1)
            self.assertEqual(3, len(seen))

    def test_at_the_programs_recursion_limit(self):
        """It has calls of its own left where the program has none."""
        calls, nested = [], []

        def nest(levels):
            return levels if levels == 0 else 1 + nest(levels - 1)

        def note(frame, event, arg):
            calls.append(frame.f_code.co_name)
            nested.append(nest(50))

        def sink(levels):
            reached[0] = levels
            sink(levels + 1)
        reached = [0]
        with self.assertRaises(RecursionError):
            sink(1)
        plain = reached[0]
        tracer = pytrace.Tracer(note, events="call",
                                functions=["*sink", "inner"])
        with tracer:
            with self.assertRaises(RecursionError):
                sink(1)
            inner(1)
        self.assertEqual(plain, reached[0])
        self.assertEqual(["sink"] * plain + ["inner"], calls)
        self.assertEqual([50] * (plain + 1), nested)

    def test_stop_inside_it(self):
        recorder = Recorder()

        def callback(frame, event, arg):
            recorder(frame, event, arg)
            tracer.stop()
        for event in ("call", "line", "return", "exception"):
            recorder.seen.clear()
            tracer = pytrace.Tracer(callback, events=event)
            with tracer:
                with contextlib.suppress(KeyError):
                    fails(1)
                inner(1)
            self.assertEqual(1, len(recorder.seen), event)
            self.assertFalse(tracer.running)

    def test_stop_and_start_inside_it(self):
        recorder = Recorder()

        def callback(frame, event, arg):
            recorder(frame, event, arg)
            tracer.stop()
            tracer.start()
        tracer = pytrace.Tracer(callback, events=["call", "return"])
        with tracer:
            outer(1)
        # The frames of before are not followed any more.
        self.assertEqual([("call", "outer"), ("call", "inner"),
                          ("call", "inner")], recorder.seen)

    def test_dropped_inside_it(self):
        seen = []

        def callback(frame, event, arg):
            seen.append(event)
            tracers.pop().stop()
            gc.collect()
        tracers = [pytrace.Tracer(callback)]
        tracers[0].start()
        self.assertEqual(2, inner(1))
        self.assertEqual(["call"], seen)

    def test_arguments_can_be_changed_objects(self):
        # f_locals of the frame are those of the call.
        seen = []
        with pytrace.Tracer(lambda frame, event, arg: seen.append(
                (event, dict(frame.f_locals), arg)),
                functions="inner", events=["call", "return"]):
            inner(4)
        self.assertEqual([("call", {"n": 4}, None), ("return", {"n": 4}, 8)],
                         seen)


class Life(TracerCase):

    def test_nested_tracers(self):
        one, two = Recorder(), Recorder()
        with pytrace.Tracer(one, events="call"):
            inner(1)
            with pytrace.Tracer(two, events="call", functions="inner"):
                outer(1)
            inner(1)
        self.assertEqual(["inner", "outer", "inner", "inner", "inner"],
                         [name for _, name in one.seen if name in
                          ("inner", "outer")])
        self.assertEqual([("call", "inner")] * 2, two.seen)

    def test_ends_in_any_order(self):
        one, two = Recorder(), Recorder()
        first = pytrace.Tracer(one, events="call", functions="inner")
        second = pytrace.Tracer(two, events="call", functions="inner")
        first.start()
        second.start()
        inner(1)
        first.stop()
        inner(1)
        second.stop()
        inner(1)
        self.assertEqual((1, 2), (len(one.seen), len(two.seen)))

    def test_started_twice_is_stopped_twice(self):
        recorder = Recorder()
        tracer = pytrace.Tracer(recorder, events="call", functions="inner")
        with tracer:
            with tracer:
                inner(1)
            inner(1)
            self.assertTrue(tracer.running)
        inner(1)
        tracer.stop()
        self.assertFalse(tracer.running)
        self.assertEqual(2, len(recorder.seen))

    def test_started_here_stopped_there(self):
        recorder = Recorder()
        tracer = pytrace.Tracer(recorder, events="call", functions="inner")
        tracer.start()
        thread = threading.Thread(target=lambda: (inner(1), tracer.stop()))
        thread.start()
        thread.join()
        inner(1)
        self.assertEqual(1, len(recorder.seen))

    def test_it_is_freed(self):
        class Weak(pytrace.Tracer):
            pass
        tracer = Weak(Recorder())
        gone = weakref.ref(tracer)
        with tracer:
            inner(1)
        del tracer
        gc.collect()
        self.assertIsNone(gone())

    def test_a_running_one_is_kept(self):
        recorder = Recorder()
        gone = weakref.ref(recorder)
        pytrace.Tracer(recorder, events="call").start()
        del recorder
        gc.collect()
        inner(1)
        tracer, = [thing for thing in gc.get_objects()
                   if type(thing) is pytrace.Tracer and thing.running]
        self.assertIn(("call", "inner"), gone().seen)
        tracer.stop()

    def test_many_times(self):
        recorder = Recorder()
        tracer = pytrace.Tracer(recorder, events="call", functions="inner")
        for _ in range(100):
            with tracer:
                inner(1)
            inner(1)
        self.assertEqual(100, len(recorder.seen))

    def test_wrong_arguments(self):
        for options, error in [
                (dict(callback=1), TypeError), (dict(depth=0), ValueError),
                (dict(events="lines"), ValueError), (dict(size=0), ValueError),
                (dict(include=[1]), TypeError), (dict(include=1), TypeError),
                (dict(depth="x"), TypeError), (dict(functions=""),
                                               ValueError),
                (dict(show="tree.txt"), TypeError)]:
            with self.subTest(options=options), self.assertRaises(error):
                pytrace.Tracer(**options)
        with self.assertRaisesRegex(ValueError, "choose from 'text'"):
            pytrace.Tracer(callgraph=True).write_callgraph(format="svg")

    def test_left_by_a_generator_that_is_never_resumed(self):
        recorder = Recorder()
        tracer = pytrace.Tracer(recorder, functions="numbers")

        @contextlib.contextmanager
        def tracing():
            with tracer:
                yield
        steps = numbers(3)
        with tracing():
            next(steps)
        del steps
        self.assertEqual(["call", "line", "line", "return"],
                         [event for event, _ in recorder.seen])


if __name__ == "__main__":
    unittest.main()
