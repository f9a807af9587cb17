"""Leaks by the events of every allocation: exact for each span."""

import json
import sys
import unittest

from support import PACKAGE, Case, environment
from test_leaks import LEAK_LINE, SERVER

# Without snapshots, so that events alone tell.
REQUESTS = SERVER[:SERVER.index("    if number % 20")]


# Programs unlike each other. A line that leaks says so; all others hold
# something for a while, fill a cache, or wait for the collector.
KINDS = {
    "a list that grows by design": """\
import pytrace
rows = []
for number in range(300):
    with pytrace.span("work"):
        rows.append(bytes(500))  # leaks
""",
    "an object for each span, and what it holds": """\
import pytrace
class Node:
    def __init__(self):
        self.me = self; self.data = bytes(3000)  # leaks
REGISTER = {}
for number in range(200):
    with pytrace.span("work"):
        REGISTER[number] = Node()  # leaks
        scratch = [bytes(100) for _ in range(10)]
""",
    "what fills a dict and a set, whose tables grow in leaps": """\
import pytrace
TABLE = {}
SEEN = set()
for number in range(1500):
    with pytrace.span("work"):
        TABLE[object()] = None  # leaks
        SEEN.add(f"item {number}")  # leaks
""",
    "one piece of work in ten": """\
import pytrace
KEPT = []
for number in range(1000):
    with pytrace.span("work"):
        scratch = [bytes(200) for _ in range(20)]
        if number % 10 == 0:
            KEPT.append(bytes(300))  # leaks
""",
    "a generator's own list": """\
import pytrace
def produce():
    seen = []
    while True:
        seen.append(bytes(600))  # leaks
        yield len(seen)
source = produce()
for number in range(300):
    with pytrace.span("work"):
        next(source)
""",
    "a forked child": """\
import os, pytrace
KEPT = []
child = os.fork()
if child == 0:
    for number in range(200):
        with pytrace.span("work"):
            KEPT.append(bytes(900))  # leaks
    os._exit(0)
os.waitpid(child, 0)
""",
    "one of two threads that take turns": """\
import threading, pytrace
KEPT = []
turn = [threading.Semaphore(1), threading.Semaphore(0)]
def work(own, what):
    for number in range(200):
        turn[own].acquire()
        with pytrace.span("work"):
            what(number)
        turn[1 - own].release()
def leak(number):
    KEPT.append("x" * (700 + number % 3))  # leaks
def harmless(number):
    return bytes(number)
thread = threading.Thread(target=work, args=(0, leak))
thread.start()
work(1, harmless)
thread.join()
""",
    "a cache that lets go of the oldest": """\
import collections, pytrace
CACHE = collections.OrderedDict()
for number in range(600):
    with pytrace.span("work"):
        if number not in CACHE:
            CACHE[number] = bytes(2000)
        if len(CACHE) > 64:
            CACHE.popitem(last=False)
""",
    "a buffer that is emptied when it is full": """\
import pytrace
BUFFER = []
for number in range(1000):
    with pytrace.span("work"):
        BUFFER.append(bytes(500))
        if len(BUFFER) == 90:
            BUFFER.clear()
""",
    "garbage in cycles": """\
import gc, pytrace
class Node:
    pass
for number in range(3000):
    with pytrace.span("work"):
        node = Node(); node.me = node; node.data = bytes(400)
    if number % 100 == 0:
        gc.collect()
""",
}


class ProcessesTest(Case):
    def test_executions_of_the_process_that_leaks(self):
        self.write("prog.py", """\
import os, pytrace
KEPT = []
def serve(requests):
    for number in range(requests):
        with pytrace.span("request"):
            KEPT.append(bytes(900))
for requests in 100, 150:
    child = os.fork()
    if child == 0:
        serve(requests)
        os._exit(0)
    os.waitpid(child, 0)
""")
        done = self.pytrace("--count", "--mem", "--timeline=allocs", "-R",
                            "-o", "run.pytrace", "prog.py",
                            env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)
        told = self.pytrace("leaks", "--filter", "*prog.py",
                            "run.pytrace").out
        # One block each time, and that of the list.
        self.assertIn("1.01 for each of 100 executions; in process 1\n", told)
        self.assertIn("1.01 for each of 150 executions; in process 2\n", told)


class KindsTest(Case):
    def test_what_leaks_and_no_more(self):
        for kind, program in KINDS.items():
            with self.subTest(kind):
                self.write("prog.py", program)
                done = self.pytrace(
                    "--mem", "--timeline=allocs", "-o", "run.pytrace",
                    "prog.py", env=environment(PYTHONPATH=PACKAGE))
                self.assertEqual(0, done.status, done.err)
                done = self.pytrace("leaks", "--json", "--filter", "*prog.py",
                                    "run.pytrace")
                self.assertEqual(0, done.status, done.err)
                lines = program.splitlines()
                self.assertEqual(
                    {number for number, line in enumerate(lines, 1)
                     if line.endswith("# leaks")},
                    {leak["line"] for leak in json.loads(done.out)["leaks"]})


class EventsTest(Case):
    def record(self, *words, options=("--timeline=allocs",)):
        done = self.pytrace("--count", "--mem", *options, "-C", "cov", "-o",
                            "run.pytrace", *words,
                            env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)

    def test_one_leak_beside_a_cache(self):
        self.write("server.py", REQUESTS)
        self.record("server.py", "400")
        done = self.pytrace("leaks", "--json", "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        found = json.loads(done.out)
        self.assertEqual(("request", 400), (found["label"], found["work"]))
        leak, = found["leaks"]
        size = sys.getsizeof(bytes(1024))
        self.assertEqual(("server.py", LEAK_LINE, 400),
                         (leak["path"], leak["line"], leak["hits"]))
        self.assertEqual((size, 1), (leak["bytes_per_work"],
                                     leak["blocks_per_work"]))
        self.assertEqual((400 * size, 400), (leak["grown_bytes"],
                                             leak["grown_blocks"]))
        self.assertEqual([18, 13], [frame["line"] for frame in
                                    leak["traceback"]])
        # The cache and what was warmed up grew as well.
        self.assertGreaterEqual(found["grown_lines"], 3)

    def test_limit_of_a_run(self):
        self.write("server.py", REQUESTS)
        done = self.pytrace("--mem", "--timeline=allocs", "--fail-leak",
                            "server.py", "100",
                            env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(5, done.status, done.err)
        self.assertIn("1 line holds more with each 'request'", done.err)

    def test_too_little_work(self):
        self.write("server.py", REQUESTS)
        self.record("server.py", "6")
        done = self.pytrace("leaks", "run.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("too little work", done.err)

    def test_snapshots_where_a_mark_is_all_there_is(self):
        self.write("marked.py", "import pytrace\nKEPT = []\n"
                   "for number in range(20):\n"
                   "    KEPT.append(bytes(1000))  # leaks\n"
                   "    pytrace.snapshot(f'after {number}')\n"
                   "pytrace.mark('end')\n")
        self.record("marked.py")
        done = self.pytrace("leaks", "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        self.assertTrue(done.out.startswith("1 leak over 19 of 'snapshot'"),
                        done.out)
        self.assertIn("\nmarked.py:4: grew by ", done.out)
        done = self.pytrace("leaks", "--span", "end", "run.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("too little work", done.err)

    def test_work_of_another_label(self):
        self.write("both.py", "import pytrace\nONE, TWO = [], []\n"
                   "for number in range(60):\n"
                   "    with pytrace.span('take'):\n"
                   "        ONE.append(bytes(1000))\n"
                   "    if number % 2:\n"
                   "        with pytrace.span('give'):\n"
                   "            TWO.append(bytes(1000))\n"
                   "    if number % 20 == 0:\n"
                   "        pytrace.mark('turn')\n")
        self.record("both.py")
        done = self.pytrace("leaks", "run.pytrace")
        self.assertRegex(done.out, r"\A\d leaks over 60 of 'take'[^\n]*\n"
                         "not looked at: 30 of 'give'; choose with --span")
        # Whoever chose knows.
        for label in "take", "give":
            done = self.pytrace("leaks", "--span", label, "run.pytrace")
            self.assertNotIn("not looked at", done.out)

    def test_calls_nest(self):
        """Slices of the calls of a run, as viewers need them."""
        self.write("server.py", REQUESTS)
        self.record("server.py", "5", options=("--timeline=all",))
        done = self.pytrace("export", "--to", "chrome", "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        events = json.loads(done.out)["traceEvents"]
        depth = 0
        for event in events:
            depth += {"B": 1, "E": -1}.get(event["ph"], 0)
            self.assertGreaterEqual(depth, 0)
        self.assertEqual(0, depth)
        self.assertEqual(5, sum(event["ph"] == "B"
                                and event["name"] == "handle"
                                for event in events))
        self.assertEqual(5, sum(event["ph"] == "b" for event in events))


if __name__ == "__main__":
    unittest.main()
