"""pytrace.Tracer as a decorator of all kinds of functions."""

import asyncio
import unittest

import pytrace
from traced_functions import (Recorder, TracerCase, fails, inner)


class Decorated(TracerCase):

    def setUp(self):
        self.recorder = Recorder()
        self.tracer = pytrace.Tracer(self.recorder, events="call",
                                     functions="inner")

    def seen(self):
        return len(self.recorder.seen)

    def test_function(self):
        @self.tracer
        def work(n):
            "Some words."
            return inner(n) + (work(n - 1) if n else 0)
        self.assertEqual(6, work(2))
        inner(1)
        self.assertEqual(3, self.seen())
        self.assertEqual(("work", "Some words."),
                         (work.__name__, work.__doc__))

    def test_methods(self):
        class Thing:
            @self.tracer
            def method(self):
                return inner(1)

            @self.tracer
            @staticmethod
            def static():
                return inner(2)

            @classmethod
            @self.tracer
            def of_class(cls):
                return inner(3)
        self.assertEqual((2, 4, 6), (Thing().method(), Thing.static(),
                                     Thing.of_class()))
        self.assertEqual(3, self.seen())

    def test_generator(self):
        @self.tracer
        def work():
            try:
                got = yield inner(1)
            except KeyError:
                got = yield inner(2)
            inner(got)
            return 7
        steps = work()
        self.assertEqual(2, next(steps))
        inner(1)
        self.assertEqual(1, self.seen())
        self.assertEqual(4, steps.throw(KeyError()))
        inner(1)
        with self.assertRaises(StopIteration) as stop:
            steps.send(3)
        self.assertEqual(7, stop.exception.value)
        self.assertEqual(3, self.seen())

    def test_generator_closed(self):
        @self.tracer
        def work():
            try:
                yield 1
            finally:
                inner(1)
        steps = work()
        next(steps)
        steps.close()
        self.assertEqual(1, self.seen())

    def test_coroutine(self):
        @self.tracer
        async def work():
            await asyncio.sleep(0)
            return inner(1)

        async def other():
            inner(1)
            await asyncio.sleep(0)
            inner(1)

        async def main():
            return await asyncio.gather(other(), work(), other())
        self.assertEqual([None, 2, None], asyncio.run(main()))
        self.assertEqual(1, self.seen())

    def test_asynchronous_generator(self):
        @self.tracer
        async def work():
            try:
                got = yield inner(1)
                await asyncio.sleep(0)
                got = yield inner(got)
            finally:
                inner(9)

        async def main():
            steps = work()
            seen = [await steps.asend(None), await steps.asend(5)]
            inner(1)
            with self.assertRaises(KeyError):
                await steps.athrow(KeyError())
            return seen
        self.assertEqual([2, 10], asyncio.run(main()))
        # inner(9) ran within athrow().
        self.assertEqual(3, self.seen())

    def test_asynchronous_generator_in_a_loop(self):
        @self.tracer
        async def work():
            for i in range(3):
                await asyncio.sleep(0)
                yield inner(i)

        async def main():
            return [value async for value in work()]
        self.assertEqual([0, 2, 4], asyncio.run(main()))
        self.assertEqual(3, self.seen())

    def test_exception(self):
        self.tracer(fails)
        with self.assertRaises(KeyError):
            self.tracer(fails)(1)
        self.assertFalse(self.tracer.running)

    def test_not_callable(self):
        with self.assertRaisesRegex(TypeError, "decorates functions"):
            self.tracer(1)

    def test_a_class_stays_a_class(self):
        with self.assertRaisesRegex(TypeError, "decorate its methods"):
            self.tracer(dict)


if __name__ == "__main__":
    unittest.main()
