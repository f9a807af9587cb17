# SPDX-License-Identifier: MIT
"""Blocks that extensions report, and RAW blocks of threads of their own."""
import importlib.util
import os
import subprocess
import sys
import textwrap
import unittest

EXTENSIONS = os.environ.get("PT_TEST_EXTENSIONS", "")


def code_of(text):
    return "import sys; sys.path.append(%r)\n%s" % (
        EXTENSIONS, textwrap.dedent(text).lstrip("\n"))


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True,
                          timeout=120)
    if done.returncode:
        raise AssertionError(f"status {done.returncode}:\n{done.stderr}")
    return done


def run_code(code, *args):
    return run(sys.executable, "-c", code_of(code), *args).stdout


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
class Foreign(unittest.TestCase):
    def test_domains(self):
        # Once imported before start(), once after.
        for when in ("import tracking; t.start(5)",
                     "t.start(5); import tracking"):
            with self.subTest(when=when):
                run_code(f"""
                import pytrace.tracemalloc as t
                {when}
                before = t.get_traced_memory()[0]
                def report():
                    for n in range(10):
                        assert tracking.track(42, 0x1001 + n, 1000) == 0
                    assert tracking.track(1, 0x5000, 7) == 0
                report()
                grown = t.get_traced_memory()[0] - before
                assert 10007 <= grown < 11500, grown
                snapshot = t.take_snapshot()
                only = snapshot.filter_traces([t.DomainFilter(True, 42)])
                assert [x.size for x in only.traces] == [1000] * 10
                assert {{x.domain for x in only.traces}} == {{42}}
                frames = only.traces[0].traceback
                assert [f.lineno for f in frames][-2:] == [9, 7], frames
                one = snapshot.filter_traces([t.DomainFilter(True, 1)])
                assert [x.size for x in one.traces] == [7]
                rest = snapshot.filter_traces([t.DomainFilter(False, 42)])
                assert not [x for x in rest.traces if x.domain == 42]
                by = t.Filter(True, "<string>", 7, domain=42)
                assert len(snapshot.filter_traces([by]).traces) == 10
                for n in range(10):
                    assert tracking.untrack(42, 0x1001 + n) == 0
                    assert tracking.untrack(42, 0x1001 + n) == 0
                current, peak = t.get_traced_memory()
                assert current - before < 9000 and peak >= before + 10000
                t.stop()
                assert tracking.track(42, 0x1000, 10) == -2
                assert tracking.untrack(42, 0x1000) == -2
                """)

    def test_peak_includes_them(self):
        run_code("""
            import tracking, pytrace.tracemalloc as t
            t.start()
            tracking.track(7, 0x10, 1 << 30)
            tracking.untrack(7, 0x10)
            current, peak = t.get_traced_memory()
            assert peak >= 1 << 30 > current
            """)

    def test_standard_module_sees_them_as_well(self):
        run_code("""
            import tracking, tracemalloc as s, pytrace.tracemalloc as t
            s.start(); t.start()
            assert tracking.track(9, 0x30, 500) == 0
            for module in (s, t):
                only = module.take_snapshot().filter_traces(
                    [module.DomainFilter(True, 9)])
                assert [x.size for x in only.traces] == [500], module
            t.stop()
            assert tracking.untrack(9, 0x30) == 0
            s.stop()
            """)

    def test_program_sees_none_of_it_in_a_recorded_run(self):
        program = os.environ.get("PYTRACE")
        if not program or not os.path.exists(program):
            self.skipTest("no program: set PYTRACE")
        done = run(program, "--python", sys.executable, "--mem", "--mem-top",
                   "1", "--cmd", code_of("""
            import tracking
            assert tracking.track(9, 0x30, 5 << 20) == -2
            assert tracking.untrack(9, 0x40) == -2
            """))
        self.assertIn("<string>:3: size=5120 KiB, ", done.stdout)

    def test_tracked_again_is_one_block(self):
        run_code("""
            import tracking, pytrace.tracemalloc as t
            t.start()
            for size in (100, 200, 300):
                tracking.track(5, 0x77, size)
            only = t.take_snapshot().filter_traces([t.DomainFilter(True, 5)])
            assert [x.size for x in only.traces] == [300]
            """)

    def test_raw_memory_without_the_gil(self):
        run_code("""
            import threading, tracking, pytrace.tracemalloc as t
            t.start()
            going = True
            def work():
                while going:
                    kept = [str(n) for n in range(50)]
            thread = threading.Thread(target=work)
            thread.start()
            before = t.get_traced_memory()[0]
            for turn in range(5):
                tracking.raw_threads(3000, 20000, 1000)
                grown = t.get_traced_memory()[0] - before
                assert abs(grown - 4 * 1000 * 6000) < 100000, grown
                tracking.raw_release()
            going = False
            thread.join()
            assert abs(t.get_traced_memory()[0] - before) < 100000
            """)

    def test_stop_while_raw_threads_allocate(self):
        run_code("""
            import threading, tracking, pytrace.tracemalloc as t
            turns = 0
            while turns < 4:  # on a busy machine they may end early
                thread = threading.Thread(
                    target=lambda: tracking.raw_threads(100, 200000, 1000))
                thread.start()
                while thread.is_alive():
                    t.start()
                    t.take_snapshot()
                    t.clear_traces()
                    t.stop()
                    turns += 1
                tracking.raw_release()
            """)

    def test_fork_while_raw_threads_allocate(self):
        # Of those that are in a hook at that moment the child has none.
        run_code("""
            import os, signal, threading, tracking, pytrace.tracemalloc as t
            thread = threading.Thread(
                target=lambda: tracking.raw_threads(100, 100000, 1000))
            t.start()
            thread.start()
            forks = 0
            while thread.is_alive() or forks < 3:
                pid = os.fork()
                if pid == 0:
                    signal.alarm(100)
                    t.take_snapshot()
                    t.stop()
                    t.start()
                    kept = bytes(5000)
                    os._exit(0 if t.get_traced_memory()[0] >= 5000 else 1)
                assert os.waitpid(pid, 0)[1] == 0
                forks += 1
            thread.join()
            tracking.raw_release()
            """)

    def test_resized_to_nothing(self):
        run_code("""
            import tracking, pytrace.tracemalloc as t
            t.start()
            tracking.shrink()
            before = t.get_traced_memory()[0]
            for _ in range(100):
                tracking.shrink()
            assert t.get_traced_memory()[0] - before < 500
            assert t.get_traced_memory()[1] > 5000
            """)


@unittest.skipUnless(importlib.util.find_spec("numpy"), "no numpy here")
class Numpy(unittest.TestCase):
    def test_arrays_are_seen(self):
        run_code("""
            import pytrace.tracemalloc as t
            t.start(3)
            import numpy
            kept = [numpy.zeros(100000) for _ in range(5)]
            domain = numpy.lib.tracemalloc_domain
            only = t.take_snapshot().filter_traces(
                [t.DomainFilter(True, domain),
                 t.Filter(True, "<string>", 5)])
            big = [x for x in only.traces
                   if x.domain == domain and x.size == 800000]
            assert len(big) == 5, [x.size for x in only.traces]
            assert big[0].traceback[-1].lineno == 5
            kept.clear()
            assert t.get_traced_memory()[1] > 4000000
            """)


if __name__ == "__main__":
    unittest.main()
