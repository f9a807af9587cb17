# SPDX-License-Identifier: MIT
"""Another tool sets allocators, the tracer of references, or handlers of fork,
as we do."""
import ctypes
import os
import unittest

from test_tracemalloc_foreign import EXTENSIONS, run_code

# What the programs below begin with.
FRAME = """
    import meddler, sys, pytrace.tracemalloc as t

    def keep(count=100):
        return [bytes(1000) for _ in range(count)]

    def traced(function):
        before = t.get_traced_memory()[0]
        kept = function()
        return kept, t.get_traced_memory()[0] - before

    def check(size, count=100):
        # The list has 8 bytes for each, and a little room.
        assert count * 1033 <= size <= count * 1042 + 500, size

    def passed(function):
        "How many blocks went through the other tool, and did not die."
        born, died = meddler.seen()
        kept = function()
        born, died = meddler.seen()[0] - born, meddler.seen()[1] - died
        assert born - died >= 101, (born, died)
        return kept

    """


def run(code):
    run_code(FRAME + code)


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
class Allocators(unittest.TestCase):
    def test_before_us(self):
        run("""
    meddler.put()
    t.start()
    kept, size = traced(lambda: passed(keep))
    check(size)
    t.stop()
    more = passed(keep)
    meddler.take()
    del kept, more
    """)

    def test_after_us(self):
        run("""
    t.start()
    meddler.put()
    kept, size = traced(lambda: passed(keep))
    check(size)
    meddler.take()
    more, size = traced(keep)
    check(size)
    del kept, more
    current, peak = t.get_traced_memory()
    assert current < 5000 and peak > 206000, (current, peak)
    t.stop()
    """)

    def test_over_us_when_we_stop(self):
        run("""
    t.start()
    meddler.put()
    kept, size = traced(keep)
    t.stop()
    more = passed(keep)
    for _ in range(3):
        t.start()
        again, size = traced(lambda: passed(keep))
        check(size)
        kept, size = traced(lambda: again.clear())
        check(-size)
        t.stop()
    t.start()
    meddler.take()
    again, size = traced(keep)
    check(size)
    t.stop()
    """)

    def test_taken_out_by_force(self):
        run("""
    for _ in range(3):
        meddler.put()
        t.start()
        kept, size = traced(lambda: passed(keep))
        check(size)
        meddler.take()
        # Nobody told us; the first who asks makes us look.
        t.get_traced_memory()
        more, size = traced(keep)
        check(size)
        frames = t.get_object_traceback(more[50])
        assert frames[-1].filename == "<string>", frames
        t.stop()
    """)


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
@unittest.skipUnless(hasattr(ctypes.pythonapi, "PyRefTracer_SetTracer"),
                     "this CPython has no tracer of references")
class ReferenceTracer(unittest.TestCase):
    """Objects from a free list are those of the line that makes them now."""

    FRAME = """
    def first():
        return [(number, 0.5) for number in range(15)]

    def second():
        made = [(number, 0.5) for number in range(15)]
        return made

    FIRST, SECOND = [one.__code__.co_firstlineno + 1
                     for one in (first, second)]

    def pairs():
        "{line: how many of the tuples}"
        found = {}
        for trace in t.take_snapshot().traces:
            line = trace.traceback[0].lineno
            if line in (FIRST, SECOND) and trace.size == 56:
                found[line] = found.get(line, 0) + 1
        return found

    def exact():
        # What is on the free list now may be from before the start.
        others = [(number, 0.5) for number in range(5000)]
        kept = first()
        assert pairs() == {FIRST: 15}, pairs()
        del kept
        # These stand in the blocks of the others.
        kept = second()
        assert pairs() == {SECOND: 15}, pairs()

    def calls(function):
        before = meddler.objects_made()
        function()
        assert meddler.objects_made() - before >= 30
    """

    def check(self, code):
        run(self.FRAME + code)

    def test_alone(self):
        self.check("""
    t.start()
    exact()
    t.stop()
    """)

    def test_before_us(self):
        self.check("""
    meddler.put_tracer(False)
    t.start()
    calls(exact)
    t.stop()
    calls(lambda: (first(), second()))
    """)

    def test_after_us(self):
        self.check("""
    t.start()
    meddler.put_tracer(True)
    calls(exact)
    meddler.take_tracer()
    exact()
    t.stop()
    """)

    def test_over_us_when_we_stop(self):
        self.check("""
    t.start()
    meddler.put_tracer(True)
    calls(exact)
    for _ in range(3):
        t.stop()
        kept = first()
        del kept
        kept = second()
        del kept
        t.start()
        calls(exact)
    meddler.take_tracer()
    exact()
    t.stop()
    exact_no_more = first(), second()
    """)

    def test_in_place_of_ours(self):
        self.check("""
    t.start()
    meddler.put_tracer(False)
    # Nobody told us; the first who asks makes us look.
    t.get_traced_memory()
    calls(exact)
    t.stop()
    calls(lambda: (first(), second()))
    """)

    def test_standard_tracemalloc(self):
        # It takes the tracer when it starts, and leaves none when it stops.
        self.check("""
    import tracemalloc
    t.start()
    tracemalloc.start()
    exact()
    tracemalloc.stop()
    exact()
    t.stop()
    """)


class HandlersOfFork(unittest.TestCase):
    """Handlers that were there before ours run while ours are in between."""

    def test_that_allocate(self):
        run_code("""
    import ctypes, os, pytrace.tracemalloc as t
    kept = []

    def take_memory():
        kept.append([bytes(size) for size in range(1000, 1100)])

    handlers = [ctypes.CFUNCTYPE(None)(take_memory) for _ in range(3)]
    # What pthread_atfork(), a static function, calls.
    ctypes.CDLL(None)["__register_atfork"](*handlers, None)
    t.start()
    pid = os.fork()
    more = bytes(5000)
    found = t.get_object_traceback(more)
    assert len(kept) == 2 and found is not None, (len(kept), found)
    kept.clear()
    if pid == 0:
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    """)


if __name__ == "__main__":
    unittest.main()
