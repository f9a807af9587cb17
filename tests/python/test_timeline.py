"""The timeline of a run: what is always on it, marks, spans and samples."""

import subprocess
import time
import unittest

from recording_reader import Recording
from support import PACKAGE, PY, Case, environment


def kinds(events, *wanted):
    return [event["kind"] for event in events if event["kind"] in wanted]


class MomentsTest(Case):

    def record(self, source, *options, status=0):
        self.write("prog.py", source)
        done = self.pytrace("--count", *options, "-o", "run.pytrace",
                            "prog.py", env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(done.status, status, done.err)
        return Recording(self.scratch / "run.pytrace")

    def test_marks_and_spans(self):
        before = time.monotonic_ns()
        run = self.record(
            "import pytrace\n"
            "pytrace.mark('one')\n"
            "with pytrace.span('request') as span:\n"
            "    pytrace.mark('zw\\u00f6lf \\udc80')\n"
            "try:\n"
            "    with span:\n"
            "        raise KeyError\n"
            "except KeyError:\n"
            "    pytrace.mark('x' * 5000)\n")
        after = time.monotonic_ns()
        events = run.events()
        told = [(event["kind"], event["numbers"], event["text"])
                for event in events
                if event["kind"] in ("mark", "span_begin", "span_end")]
        self.assertEqual(told, [
            ("mark", [], "one"), ("span_begin", [1], "request"),
            ("mark", [], "zw\u00f6lf \udc80"), ("span_end", [1], ""),
            ("span_begin", [2], "request"), ("span_end", [2], ""),
            ("mark", [], "x" * len(told[-1][2]))])
        # Cut where a character would not have fit for sure.
        self.assertIn(len(told[-1][2]), range(1020, 1025))
        times = [event["time_ns"] for event in events]
        self.assertEqual(times, sorted(times))
        self.assertTrue(before < times[0] and times[-1] < after)
        self.assertEqual(kinds(events, "start", "stop"), ["start", "stop"])

    def test_threads_and_what_they_do(self):
        run = self.record(
            "import pytrace, threading, _thread\n"
            "def work(label):\n"
            "    with pytrace.span(label):\n"
            "        ids.append(threading.get_native_id())\n"
            "ids = [threading.get_native_id()]\n"
            "for label in 'ab':\n"
            "    thread = threading.Thread(target=work, args=[label])\n"
            "    thread.start()\n"
            "    thread.join()\n"
            "lock = _thread.allocate_lock()\n"
            "lock.acquire()\n"
            "def last():\n"
            "    work('c')\n"
            "    lock.release()\n"
            "    raise SystemExit\n"
            "_thread.start_new_thread(last, ())\n"
            "lock.acquire()\n"
            "import time; time.sleep(0.2)\n"
            "pytrace.mark(repr(ids))\n")
        events = run.events()
        started = {event["thread"]: event["numbers"][0] for event in events
                   if event["kind"] == "thread_start"}
        mark, = (event for event in events if event["kind"] == "mark")
        self.assertEqual(list(started), [1, 2, 3, 4])
        self.assertEqual(str(list(started.values())), mark["text"])
        self.assertEqual(mark["thread"], 1)
        self.assertEqual(
            [(event["thread"], event["kind"], event["text"])
             for event in events if event["thread"] > 1],
            [(thread, kind, text if kind == "span_begin" else "")
             for thread, text in zip((2, 3, 4), "abc")
             for kind in ("thread_start", "span_begin", "span_end",
                          "thread_stop")])

    def test_collections(self):
        run = self.record(
            "import gc\n"
            "gc.disable()\n"
            "gc.collect()\n"
            "cycle = []\n"
            "cycle.append(cycle)\n"
            "del cycle\n"
            "gc.collect(1)\n"
            "gc.collect(0)\n")
        told = [(event["kind"], event["numbers"]) for event in run.events()
                if event["kind"].startswith("gc_")]
        at = told.index(("gc_start", [1]))
        self.assertEqual(told[at - 2][0], "gc_start")
        self.assertEqual(told[at - 2][1], [2])
        self.assertEqual(told[at:at + 4],
                         [("gc_start", [1]), ("gc_stop", [1, 1, 0]),
                          ("gc_start", [0]), ("gc_stop", [0, 0, 0])])

    def test_memory_is_left_to_itself(self):
        # The collector would make a dict for each of our calls.
        run = self.record("import gc\nassert gc.callbacks == []\n"
                          "gc.collect()\n", "--mem")
        self.assertEqual(kinds(run.events(), "gc_start", "gc_stop"), [])

    def test_forks(self):
        run = self.record(
            "import os, pytrace\n"
            "pytrace.mark('before')\n"
            "pid = os.fork()\n"
            "pytrace.mark('child' if pid == 0 else 'parent')\n"
            "if pid == 0:\n"
            "    os._exit(0)\n"
            "os.waitpid(pid, 0)\n")
        self.assertEqual(sorted(run.processes), [0, 1])
        parent, child = run.events(0), run.events(1)
        wanted = "start", "stop", "mark", "fork"
        self.assertEqual([(event["kind"], event["text"]) for event in parent
                          if event["kind"] in wanted],
                         [("start", ""), ("mark", "before"), ("fork", ""),
                          ("mark", "parent"), ("stop", "")])
        self.assertEqual([(event["kind"], event["text"]) for event in child],
                         [("start", ""), ("mark", "child")])
        fork, = (event for event in parent if event["kind"] == "fork")
        self.assertLess(parent[0]["time_ns"], child[-1]["time_ns"])
        self.assertLess(parent[0]["time_ns"], fork["time_ns"])

    def test_samples_follow_the_heap(self):
        run = self.record(
            "import os, time\n"
            "kept = bytearray(30_000_000)\n"
            "for i in range(0, len(kept), 4096):\n"
            "    kept[i] = 1\n"
            "time.sleep(0.3)\n"
            "if os.fork() == 0:\n"
            "    time.sleep(0.3)\n"
            "    os._exit(0)\n"
            "os.wait()\n"
            "del kept\n"
            "time.sleep(0.3)\n", "--mem")
        for process in 0, 1:
            samples = run.samples(process)
            # On a busy machine there may be few, but hardly none.
            self.assertGreater(len(samples), 2)
            self.assertEqual(samples, sorted(samples))
            self.assertTrue(any(sample[1] > 30_000_000 and
                                sample[2] > sample[1] for sample in samples))
        self.assertLess(run.samples(0)[-1][1], 10_000_000)


class WithoutRunTest(unittest.TestCase):
    """Not under pytrace, the functions are there and do nothing."""

    def run_code(self, code):
        return subprocess.run(
            [PY, "-c", "import pytrace\n" + code], capture_output=True,
            text=True, env=environment(PYTHONPATH=PACKAGE))

    def test_nothing_happens(self):
        done = self.run_code("pytrace.mark('a')\n"
                             "with pytrace.span('b') as span: pass\n"
                             "with span: print(span.label)\n")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "b\n", ""))

    def test_wrong_use_is_told(self):
        for code, error in [
                ("pytrace.mark(1)", "TypeError: mark() needs a str as label, "
                                    "not int"),
                ("pytrace.span(None)", "TypeError: span() needs a str as "
                                       "label, not NoneType"),
                ("pytrace.span(label='a')", "TypeError: span() takes no "
                                            "keyword arguments"),
                ("s = pytrace.span('a')\nwith s:\n with s: pass",
                 "RuntimeError: span 'a' is entered already; make another "
                 "one")]:
            with self.subTest(code):
                done = self.run_code(code)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(done.stderr.splitlines()[-1], error)

    def test_a_sub_interpreter_does_nothing(self):
        done = self.run_code(
            "try:\n"
            "    import _interpreters as inner\n"
            "except ImportError:\n"
            "    import _xxsubinterpreters as inner\n"
            "inner.run_string(inner.create(), '''\n"
            "try:\n"
            "    import pytrace\n"
            "    pytrace.mark('a')\n"
            "except ImportError:\n"
            "    pass\n''')\n")
        self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main()
