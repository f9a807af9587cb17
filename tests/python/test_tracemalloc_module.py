# SPDX-License-Identifier: MIT
"""pytrace.tracemalloc has the standard module's surface and files."""
import inspect
import os
import pickle
import random
import subprocess
import sys
import tempfile
import textwrap
import tracemalloc as standard
import unittest

import pytrace.tracemalloc as tracemalloc
from support import standard_tests

# Below 3.13 CPython tells only itself of objects from a free list.
KNOWN = set() if sys.version_info >= (3, 13) else {"test_new_reference"}

INSTALLED = """
    import sys, unittest
    if sys.argv[1] == "ours":
        import pytrace.tracemalloc, pytrace._tracemalloc
        sys.modules["tracemalloc"] = pytrace.tracemalloc
        sys.modules["_tracemalloc"] = pytrace._tracemalloc
    import test.test_tracemalloc as tests
    assert tests.tracemalloc is sys.modules["tracemalloc"]
    del tests.TestCommandLine  # of the interpreter's own switches

    def deep(depth, function):  # one test wants a deep stack
        return deep(depth - 1, function) if depth else function()

    suite = unittest.defaultTestLoader.loadTestsFromModule(tests)
    result = unittest.TestResult()
    deep(15, lambda: suite.run(result))
    for test, text in result.failures + result.errors:
        print("FAILED", test.id().rpartition(".")[2])
        print(text, file=sys.stderr)
    print("RAN", result.testsRun)
    """


def run_python(*args, **environment):
    return subprocess.run([sys.executable, *args], capture_output=True,
                          text=True, timeout=120,
                          env=dict(os.environ, **environment))


class Installed(unittest.TestCase):
    """The tests that CPython has of its own module."""

    def setUp(self):
        standard_tests("test_tracemalloc")

    def failing(self, whose, *command):
        """What fails with that module when run so."""
        with tempfile.TemporaryDirectory() as directory:
            script = os.path.join(directory, "run.py")
            with open(script, "w") as file:
                file.write(textwrap.dedent(INSTALLED))
            done = subprocess.run([*command, script, whose], cwd=directory,
                                  capture_output=True, text=True)
        words = [line.split() for line in done.stdout.splitlines()]
        self.assertEqual([int(words[1]) > 30 for words in words
                          if words[:1] == ["RAN"]], [True], done.stderr)
        return {words[1] for words in words if words[:1] == ["FAILED"]}

    def test_of_cpython(self):
        self.assertEqual(self.failing("ours", sys.executable) - KNOWN, set())

    def test_the_standard_module_under_ours(self):
        program = os.environ.get("PYTRACE")
        if not program or not os.path.exists(program):
            self.skipTest("no program: set PYTRACE")
        self.assertEqual(
            self.failing("standard", program, "--python", sys.executable,
                         "--mem"),
            self.failing("standard", sys.executable))


class Surface(unittest.TestCase):
    def test_signatures(self):
        for name in ("start", "stop", "is_tracing", "clear_traces",
                     "get_traced_memory", "reset_peak", "get_traceback_limit",
                     "get_tracemalloc_memory", "get_object_traceback",
                     "Statistic", "StatisticDiff", "Trace", "Traceback",
                     "Frame", "Filter", "DomainFilter", "BaseFilter",
                     "Snapshot", "_get_traces", "_get_object_traceback"):
            with self.subTest(name):
                expected = inspect.signature(getattr(standard, name))
                ours = inspect.signature(getattr(tracemalloc, name))
                self.assertEqual(str(ours), str(expected))

    def test_import_of_everything(self):
        """`from ... import *` brings no name that the standard one lacks."""
        names = {}
        for module in standard, tracemalloc:
            exec("from %s import *" % module.__name__,
                 names.setdefault(module, {}))
        missing = names[standard].keys() - names[tracemalloc].keys()
        self.assertEqual(names[tracemalloc].keys() - names[standard].keys(),
                         {"get_top"})
        self.assertEqual([name for name in missing
                          if not inspect.ismodule(names[standard][name])], [])

    def test_start_refuses_what_the_standard_refuses(self):
        for args in ((0,), (-1,), (65536,), ("x",), (1, 2), (2**40,),
                     (1.5,)):
            with self.subTest(args):
                with self.assertRaises(Exception) as expected:
                    standard.start(*args)
                with self.assertRaises(type(expected.exception)) as seen:
                    tracemalloc.start(*args)
                if type(expected.exception) is ValueError:
                    self.assertEqual(str(seen.exception),
                                     str(expected.exception))
        self.assertFalse(tracemalloc.is_tracing())

    def test_sizes_as_text(self):
        for exponent in range(50):
            for size in (2**exponent - 1, 10**exponent, -3 * 2**exponent):
                for sign in (False, True):
                    self.assertEqual(
                        tracemalloc._format_size(size, sign),
                        standard._format_size(size, sign))

    def test_at_start_of_the_interpreter(self):
        code = ("import pytrace.tracemalloc as t, _tracemalloc as c\n"
                "print(t.is_tracing(), t.get_traceback_limit(), "
                "c.is_tracing())")
        for args, environment, expected in (
                ([], {}, "False 1 False"),
                ([], {"PYTHONTRACEMALLOC": "7"}, "True 7 False"),
                ([], {"PYTHONTRACEMALLOC": "0"}, "False 1 False"),
                (["-X", "tracemalloc"], {}, "True 1 False"),
                (["-X", "tracemalloc=9"], {}, "True 9 False")):
            with self.subTest(args=args, environment=environment):
                done = run_python(*args, "-c", code, **environment)
                self.assertEqual(done.stdout.strip(), expected, done.stderr)


def random_traces(seed, count):
    """Trace tuples with few files and lines, so that many are equal."""
    chance = random.Random(seed)
    files = ["a.py", "b.py", "lib/c.pyc", "<string>", "<unknown>", "d\udc80"]
    traces = []
    for _ in range(count):
        frames = tuple([(chance.choice(files), chance.randrange(4))
                        for _ in range(chance.randrange(1, 6))])
        traces.append((chance.choice([0, 0, 0, 5, 7]),
                       chance.choice([1, 16, 50, 1000]), frames,
                       len(frames) + chance.randrange(2)))
    return traces


def plain(statistics):
    return [repr(statistic) for statistic in statistics]


class AgainstTheStandard(unittest.TestCase):
    """The same traces give the same statistics, diffs and selections."""

    def pairs(self, seed):
        traces = random_traces(seed, 300)
        ours = tracemalloc.Snapshot(traces, 10)
        counters = tracemalloc._Counters.from_traces(traces)
        held = tracemalloc.Snapshot._of_counters(counters, 10)
        return standard.Snapshot(traces, 10), (ours, held)

    def test_statistics(self):
        for seed in range(5):
            expected, both = self.pairs(seed)
            for key, cumulative in (("lineno", False), ("lineno", True),
                                    ("filename", False), ("filename", True),
                                    ("traceback", False)):
                for ours in both:
                    self.assertEqual(
                        plain(ours.statistics(key, cumulative)),
                        plain(expected.statistics(key, cumulative)))
                    self.assertEqual(
                        [str(x) for x in ours.statistics(key, cumulative)],
                        [str(x) for x in expected.statistics(key,
                                                             cumulative)])

    def test_compare_to(self):
        for seed in range(5):
            new, our_new = self.pairs(seed)
            old, our_old = self.pairs(seed + 1000)
            for key, cumulative in (("lineno", False), ("lineno", True),
                                    ("filename", False),
                                    ("traceback", False)):
                expected = new.compare_to(old, key, cumulative)
                for first in our_new:
                    for second in our_old:
                        seen = first.compare_to(second, key, cumulative)
                        self.assertEqual(plain(seen), plain(expected))

    def test_traces_that_grow_while_they_are_read(self):
        traces = []

        class Domain:
            def __index__(self):
                traces.extend([(0, 1, (("b.py", 2),), 1)] * 1000)
                return 5

        traces.append((Domain(), 7, (("a.py", 1),), 1))
        counters = tracemalloc._Counters.from_traces(traces)
        self.assertEqual(counters.traces(), [(5, 7, (("a.py", 1),), 1)])

    def test_filters(self):
        kinds = [
            lambda m: [m.Filter(True, "a.py")],
            lambda m: [m.Filter(False, "a.py", all_frames=True)],
            lambda m: [m.Filter(True, "*.py", 2), m.Filter(False, "b.py")],
            lambda m: [m.Filter(True, "lib/c.py", all_frames=True)],
            lambda m: [m.Filter(True, "<*", domain=5)],
            lambda m: [m.Filter(False, "?.py", domain=5)],
            lambda m: [m.DomainFilter(True, 7), m.DomainFilter(True, 5)],
            lambda m: [m.DomainFilter(False, 0)],
            lambda m: (),
        ]
        for seed in range(5):
            expected, both = self.pairs(seed)
            for kind in kinds:
                wanted = expected.filter_traces(kind(standard))
                for ours in both:
                    seen = ours.filter_traces(kind(tracemalloc))
                    self.assertEqual(list(seen.traces._traces),
                                     list(wanted.traces._traces))

    def test_filter_of_the_users_own(self):
        class Even(tracemalloc.BaseFilter):
            def _match(self, trace):
                return trace[1] % 2 == 0
        _, both = self.pairs(1)
        for ours in both:
            seen = ours.filter_traces([Even(True)])
            self.assertEqual({t.size for t in seen.traces}, {16, 50, 1000})

    def test_wrong_keys(self):
        expected, both = self.pairs(1)
        for args in (("nothing",), (None,), ("traceback", True)):
            with self.assertRaises(ValueError) as wanted:
                expected.statistics(*args)
            for ours in both:
                with self.assertRaises(ValueError) as seen:
                    ours.statistics(*args)
                self.assertEqual(str(seen.exception), str(wanted.exception))


class Files(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = os.path.join(self.directory.name, "snapshot")
        tracemalloc.start(3)
        self.kept = [bytes(100) for _ in range(100)]
        self.snapshot = tracemalloc.take_snapshot()
        tracemalloc.stop()

    def write(self, data):
        with open(self.path, "wb") as file:
            file.write(data)

    def read(self):
        with open(self.path, "rb") as file:
            return file.read()

    def test_own_format(self):
        self.snapshot.note = {"label": ["a", 1]}
        for snapshot in (self.snapshot, tracemalloc.Snapshot(
                random_traces(3, 50), 4)):
            snapshot.dump(self.path)
            again = tracemalloc.Snapshot.load(self.path)
            self.assertEqual(list(again.traces._traces),
                             list(snapshot.traces._traces))
            self.assertEqual(again.traceback_limit, snapshot.traceback_limit)
            self.assertEqual(plain(again.statistics("traceback")),
                             plain(snapshot.statistics("traceback")))
        self.assertTrue(self.read().startswith(b"pytrace-snapshot 1\n"))
        self.snapshot.dump(self.path)
        self.assertEqual(tracemalloc.Snapshot.load(self.path).note,
                         {"label": ["a", 1]})

    def test_standard_pickles(self):
        traces = random_traces(4, 50)
        snapshot = standard.Snapshot(traces, 5)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            self.write(pickle.dumps(snapshot, protocol))
            again = tracemalloc.Snapshot.load(self.path)
            self.assertEqual(list(again.traces._traces), traces)
            self.assertEqual(again.traceback_limit, 5)

    def test_copies_and_pickles(self):
        again = pickle.loads(pickle.dumps(self.snapshot))
        self.assertEqual(again.traces, self.snapshot.traces)
        self.assertEqual(again.traceback_limit, 3)

    def test_refuses_code(self):
        class Evil:
            def __reduce__(self):
                return (os.mkdir, (os.path.join(tempfile.gettempdir(),
                                                "never-made"),))
        prefix = b"pytrace-snapshot 1\n"
        for data in (pickle.dumps(Evil()), prefix + pickle.dumps(Evil()),
                     prefix + pickle.dumps({"limit": Evil()})):
            self.write(data)
            with self.assertRaisesRegex(ValueError, "does not belong"):
                tracemalloc.Snapshot.load(self.path)
        self.assertFalse(os.path.exists(os.path.join(tempfile.gettempdir(),
                                                     "never-made")))

    def test_refuses_what_is_no_snapshot(self):
        for data in (b"", b"x", pickle.dumps([1]), pickle.dumps("text"),
                     b"pytrace-snapshot 2\n" + pickle.dumps({}),
                     b"pytrace-snapshot 1\n" + pickle.dumps({}),
                     pickle.dumps(standard.Frame(("a", 1))),
                     pickle.dumps(standard.Snapshot([("x",)], 1)),
                     pickle.dumps(standard.Snapshot(5, 1))):
            self.write(data)
            with self.subTest(data), self.assertRaises(ValueError):
                tracemalloc.Snapshot.load(self.path)

    def test_damaged_files(self):
        self.snapshot.dump(self.path)
        data = self.read()
        chance = random.Random(5)
        for _ in range(500):
            damaged = bytearray(data)
            for _ in range(chance.randrange(1, 4)):
                damaged[chance.randrange(len(data))] = chance.randrange(256)
            self.write(damaged[:chance.randrange(len(data))]
                       if chance.random() < 0.2 else damaged)
            try:
                snapshot = tracemalloc.Snapshot.load(self.path)
                if len(snapshot._counters()) < 100000:
                    snapshot.statistics("traceback")
            except ValueError:
                pass

    def test_refuses_to_dump_what_it_could_not_load(self):
        self.snapshot.note = self
        with self.assertRaisesRegex(TypeError, "plain values"):
            self.snapshot.dump(self.path)


class Extras(unittest.TestCase):
    def setUp(self):
        tracemalloc.start(5)
        self.addCleanup(tracemalloc.stop)

    def test_take_snapshot_of_a_function(self):
        other = bytearray(70000)
        kept = []

        def ours():
            kept.append(bytearray(50000))
            return tracemalloc.take_snapshot(sys._getframe())
        sizes = [trace.size for trace in ours().traces]
        self.assertTrue(50000 < sum(sizes) < 60000, sizes)
        del other

    def test_get_top_and_capture(self):
        kept = bytearray(500000)
        top = tracemalloc.get_top(3)
        self.assertEqual(len(top), 3)
        self.assertEqual(top[0].traceback[0].filename, __file__)
        capture = tracemalloc.take_snapshot().capture()
        self.assertEqual(capture.top(1)[0].size, top[0].size)
        self.assertIn(top[0].traceback[0]._frame, capture)
        del kept

    def test_filter_words(self):
        kept = bytearray(100)
        exec(compile("made = bytearray(3000)", "<made>", "exec"), globals())
        snapshot = tracemalloc.take_snapshot()
        here = snapshot.filter(__file__)
        self.assertEqual({t.traceback[-1].filename for t in here.traces},
                         {__file__})
        frames = snapshot.filter("frames")
        self.assertFalse([t for t in frames.traces
                          if t.traceback[-1].filename.startswith("<")])
        made = snapshot.filter(tracemalloc.Filter(True, "<made>"))
        self.assertIn(3001, [trace.size for trace in made.traces])
        del kept


if __name__ == "__main__":
    unittest.main()
