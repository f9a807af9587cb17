# SPDX-License-Identifier: MIT
"""pytrace.tracemalloc counts what the standard tracemalloc counts."""
import json
import os
import subprocess
import sys
import textwrap
import unittest

from support import without_asan

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, os.pardir, "programs", "mem")
# Below, objects from a free list stay with the line that had them first.
SEES_FREE_LISTS = sys.version_info >= (3, 13)
TRIES = 12


def run_python(*args, status=0, **environment):
    """Standard output of an interpreter that must end with `status`."""
    environment = dict(os.environ, PYTHONHASHSEED="0", **environment)
    done = subprocess.run([sys.executable, *args], env=environment,
                          capture_output=True, text=True, timeout=60)
    if done.returncode != status:
        raise AssertionError(f"status {done.returncode}:\n{done.stderr}")
    return done.stdout


def run_code(code, *args, **options):
    code = textwrap.dedent(code).lstrip("\n")
    return run_python("-c", code, *args, **options)


def probe(module, program, nframe=1):
    output = run_python(os.path.join(HERE, "memory_probe.py"), module,
                        str(nframe), os.path.join(PROGRAMS, program))
    return json.loads(output.splitlines()[-1])


class Programs(unittest.TestCase):
    """The same figures to the byte, under either module.

    Some programs differ a little from run to run, as by the names of their
    temporary files; then one run must equal one of the standard module's.
    """

    maxDiff = None

    def check(self, program):
        standard, ours = [], []
        for _ in range(TRIES):
            for name, figures in (("tracemalloc", standard),
                                  ("pytrace.tracemalloc", ours)):
                seen = probe(name, program)
                if not SEES_FREE_LISTS:
                    del seen["lines"]
                figures.append(seen)
            if any(seen in standard for seen in ours):
                return
        for key, value in ours[-1].items():
            self.assertEqual(value, standard[-1][key], key)


def add_programs():
    for program in sorted(os.listdir(PROGRAMS)):
        if program.endswith(".py"):
            def test(self, program=program):
                self.check(program)
            setattr(Programs, "test_" + program[:-3], test)


add_programs()


class Hard(unittest.TestCase):
    """Where an allocation tracker can lose or invent blocks."""

    def test_full_tracebacks(self):
        if not SEES_FREE_LISTS:
            self.skipTest("this CPython does not tell of free lists")
        seen = [json.loads(run_python(
            os.path.join(HERE, "memory_probe.py"), module, "40",
            os.path.join(PROGRAMS, "recursion.py"),
            "traces").splitlines()[-1])
            for module in ("tracemalloc", "pytrace.tracemalloc")]
        self.assertGreater(len(seen[0]["traces"]), 10000)
        self.assertTrue(seen[0]["traces"] == seen[1]["traces"])

    def test_frees_of_blocks_born_before(self):
        run_code("""
            import pytrace.tracemalloc as t
            old = [bytes(1000) for _ in range(1000)]
            t.start()
            old.clear()
            current, peak = t.get_traced_memory()
            assert 0 <= current <= peak < 2000, (current, peak)
            """)

    def test_start_stop_start(self):
        run_code("""
            import pytrace.tracemalloc as t
            for turn in range(50):
                assert t.get_traced_memory() == (0, 0)
                t.start()
                kept = [bytes(100) for _ in range(100)]
                assert 13300 <= t.get_traced_memory()[0] < 16000
                t.stop()
                assert not t.is_tracing() and t._get_traces() == []
                assert t.get_object_traceback(kept[0]) is None
            """)

    @without_asan
    def test_stopping_gives_memory_back(self):
        out = run_code("""
            import os, pytrace.tracemalloc as t
            def mapped():
                with open("/proc/self/statm") as file:
                    return int(file.read().split()[0])
            def turn(n):
                t.start()
                kept = [bytes(n % 50 + 600) for n in range(20000)]
                t.stop()
            turn(0)
            before = mapped()
            for n in range(30):
                turn(n)
            print(mapped() - before)
            """)
        self.assertLess(int(out), 500)  # pages

    def test_clearing_gives_memory_back(self):
        out = run_code("""
            import pytrace.tracemalloc as t
            def mapped():
                with open("/proc/self/statm") as file:
                    return int(file.read().split()[0])
            t.start()
            def turn():
                kept = [bytes(n % 50 + 600) for n in range(2000)]
                t.clear_traces()
                assert t.get_traced_memory() == (0, 0)
            turn()
            before = mapped()
            for _ in range(200):
                turn()
            print(mapped() - before)
            """)
        self.assertLess(int(out), 500)

    def test_stop_while_threads_allocate(self):
        run_code("""
            import threading, pytrace.tracemalloc as t
            going = True
            def work():
                while going:
                    kept = ["%d" % n for n in range(200)]
                    bytearray(100000)
            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads: thread.start()
            for turn in range(100):
                t.start(turn % 5 + 1)
                t.take_snapshot().statistics("lineno")
                t.clear_traces()
                t.stop()
            going = False
            for thread in threads: thread.join()
            """)

    @without_asan
    def test_dying_code_objects(self):
        out = run_code("""
            import pytrace.tracemalloc as t
            t.start(2)
            def turn(n):
                return eval(compile("bytes(500)", "<made>", "eval"))
            kept = [turn(n) for n in range(200)]
            before = t.get_tracemalloc_memory()
            for n in range(20000):
                turn(n)
            assert t.get_tracemalloc_memory() < before + 2e6
            lines = {str(s.traceback): s.count for s
                     in t.take_snapshot().statistics("lineno")}
            assert 200 <= lines["<made>:1"] <= 210, lines["<made>:1"]
            """)
        self.assertEqual(out, "")

    def test_reused_code_addresses(self):
        run_code("""
            import pytrace.tracemalloc as t
            t.start(1)
            kept = []
            for n in range(1, 2000):
                code = compile("\\n" * n + "kept.append(bytes(500))",
                               "<turn %d>" % n, "exec")
                exec(code)
                del code
            assert len(kept) == 1999
            for n, item in enumerate(kept, 1):
                frame = t.get_object_traceback(item)[-1]
                assert (frame.filename, frame.lineno) == (
                    "<turn %d>" % n, n + 1), (n, frame)
            """)

    def test_fork(self):
        run_code("""
            import os, pytrace.tracemalloc as t
            t.start()
            kept = [bytes(1000) for _ in range(100)]
            for turn in range(20):
                pid = os.fork()
                if pid == 0:
                    before = t.get_traced_memory()[0]
                    assert before > 100000
                    more = bytes(5000)
                    after = t.get_traced_memory()[0]
                    t.stop()
                    t.start()
                    os._exit(0 if 5000 <= after - before < 6000 else 1)
                assert os.waitpid(pid, 0)[1] == 0
            """)

    def test_fork_while_threads_allocate(self):
        run_code("""
            import os, threading, pytrace.tracemalloc as t
            t.start()
            going = True
            def work():
                while going:
                    kept = [str(n) for n in range(100)]
            threads = [threading.Thread(target=work) for _ in range(3)]
            for thread in threads: thread.start()
            for turn in range(20):
                pid = os.fork()
                if pid == 0:
                    kept = [bytes(100) for _ in range(100)]
                    t.take_snapshot().statistics("traceback")
                    t.stop()
                    os._exit(0)
                assert os.waitpid(pid, 0)[1] == 0
            going = False
            """)

    def test_shutdown_with_objects_alive(self):
        out = run_code("""
            import pytrace.tracemalloc as t
            t.start(10)
            class Late:
                def __del__(self):
                    self.block = ["late"] * 100
                    print(t.is_tracing())
            late = Late()
            cycle = [late]
            cycle.append(cycle)
            """)
        self.assertEqual(out, "True\n")

    def test_memory_error(self):
        run_code("""
            import pytrace.tracemalloc as t
            t.start()
            kept = bytearray(1000)
            before = t.get_traced_memory()[0]
            for _ in range(10):
                try:
                    kept.extend(bytes(1 << 62))
                except MemoryError:
                    pass
                try:
                    kept *= 1 << 60
                except (MemoryError, OverflowError):
                    pass
            assert abs(t.get_traced_memory()[0] - before) < 2000
            assert t.get_object_traceback(kept) is not None
            """)

    def test_deeper_than_the_kept_stack(self):
        run_code("""
            import sys, threading, pytrace.tracemalloc as t
            sys.setrecursionlimit(50000)
            kept = []
            def down(n):
                if n: return down(n - 1)
                kept.append(bytes(5000))
            def work():
                down(20000)
                down(100)
            t.start(20)
            threading.stack_size(512 << 20)
            thread = threading.Thread(target=work)
            thread.start(); thread.join()
            for block in kept:
                frames = t.get_object_traceback(block)
                assert len(frames) == 20
                assert {f.lineno for f in frames[:-1]} == {5}, frames
                assert frames[-1].lineno == 6
            """)


class Others(unittest.TestCase):
    """Somebody else traces too."""

    def test_standard_module_at_the_same_time(self):
        code = """
            import sys
            import tracemalloc as s, pytrace.tracemalloc as t
            first, second = (s, t) if sys.argv[1] == "standard" else (t, s)
            first.start(5); second.start(5)
            assert s.is_tracing() and t.is_tracing()
            kept = [bytes(1000) for _ in range(100)]
            for module in (s, t):
                frame = module.get_object_traceback(kept[50])[-1]
                assert frame.lineno == 6, (module, frame)
                size = sum(x.size for x in module.take_snapshot()
                           .statistics("lineno")
                           if x.traceback[0].lineno == 6
                           and x.traceback[0].filename == "<string>")
                # Ours sees the other's own memory, too, if it is below it.
                assert 103300 <= size <= 107000, (module, size)
            if sys.argv[2] == "first":
                first.stop()
                left = second
            else:
                second.stop()
                left = first
            del size, frame
            before = left.get_traced_memory()[0]
            kept.extend([bytes(1000) for _ in range(100)])
            after = left.get_traced_memory()[0]
            assert 103300 <= after - before < 106000, after - before
            kept.clear()
            assert left.get_traced_memory()[0] < before
            s.stop(); t.stop()
            again = [bytes(10) for _ in range(100)]
            """
        for first in ("standard", "ours"):
            for stopped in ("first", "second"):
                with self.subTest(first=first, stopped=stopped):
                    run_code(code, first, stopped)

    def test_allocators_set_over_ours(self):
        try:
            import _testcapi
            _testcapi.pymem_api_misuse
        except (ImportError, AttributeError):
            self.skipTest("this interpreter has no _testcapi")
        run_code("""
            import _testcapi, pytrace.tracemalloc as t
            t.start()
            _testcapi.set_nomemory(10**9)  # hooks over ours
            kept = [bytes(1000) for _ in range(100)]
            assert t.get_traced_memory()[0] > 100000
            t.stop()
            more = [bytes(1000) for _ in range(100)]
            del kept
            t.start()
            kept = [bytes(1000) for _ in range(100)]
            assert 103300 <= t.get_traced_memory()[0] < 106000
            _testcapi.remove_mem_hooks()
            t.stop()
            """)

    def test_subinterpreters(self):
        for name in ("_interpreters", "_xxsubinterpreters"):
            try:
                __import__(name)
                break
            except ImportError:
                continue
        else:
            self.skipTest("this interpreter has no subinterpreters module")
        run_code("""
            import sys, threading
            import pytrace.tracemalloc as t
            i = __import__(sys.argv[1])
            t.start(5)
            def work():
                own = i.create()
                i.run_string(own, "kept = [str(n) * 9 for n in range(20000)]")
                i.run_string(own, "del kept[::2]")
                i.destroy(own)
            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads: thread.start()
            kept = [bytes(1000) for _ in range(1000)]
            for thread in threads: thread.join()
            current = t.get_traced_memory()[0]
            lines = t.take_snapshot().statistics("lineno")
            assert 1033000 <= current < 30e6, current
            # No count is lost though four interpreters counted at once.
            total = sum(line.size for line in lines)
            assert abs(total - current) < 2000, (total, current)
            mine = [x for x in lines if str(x.traceback) == "<string>:12"]
            assert mine and mine[0].count >= 1000, mine
            t.stop()
            """, name)


class Session(unittest.TestCase):
    """The module inside a run whose memory is recorded for a report."""

    CODE = """
        import pytrace.tracemalloc as t
        kept = [bytes(1000) for _ in range(500)]
        assert not t.is_tracing() and t.get_traced_memory() == (0, 0)
        t.start(3)
        assert t.get_traced_memory()[0] < 5000
        more = [bytes(1000) for _ in range(100)]
        current, peak = t.get_traced_memory()
        assert 103300 <= current <= peak < 110000, (current, peak)
        del kept  # born before: not of this view
        assert abs(t.get_traced_memory()[0] - current) < 2000
        big = bytes(50000)
        del big
        now, peak = t.get_traced_memory()
        assert now + 48000 < peak < now + 52000, (now, peak)
        t.reset_peak()
        assert t.get_traced_memory()[1] < now + 1000
        frames = t.get_object_traceback(more[5])
        assert [f.lineno for f in frames][-1] == 6, frames
        assert len(t.take_snapshot().traces) >= 100
        t.clear_traces()
        assert t.get_object_traceback(more[5]) is None
        assert t.get_traced_memory()[0] < 3000
        t.stop()
        assert t.get_traced_memory() == (0, 0)
        print("fine")
        """

    def test_view(self):
        program = os.environ.get("PYTRACE")
        if not program or not os.path.exists(program):
            self.skipTest("no program: set PYTRACE")
        import tempfile
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "prog.py")
            with open(path, "w") as file:
                file.write(textwrap.dedent(self.CODE).lstrip("\n"))
            done = subprocess.run(
                [program, "--python", sys.executable, "--mem", path],
                capture_output=True, text=True, cwd=directory)
        self.assertIn("fine\n", done.stdout, done.stderr)
        self.assertEqual(done.returncode, 0)
        # The report is of the whole run: `more` is still in it.
        self.assertRegex(done.stdout + done.stderr,
                         r"prog\.py:6: size=10\d \s*KiB, count=10\d")


if __name__ == "__main__":
    unittest.main()
