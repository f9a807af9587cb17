"""Leaks by the events of every allocation: exact for each span."""

import json
import sys
import unittest

from support import PACKAGE, Case, environment
from test_leaks import LEAK_LINE, SERVER

# Without snapshots, so that events alone tell.
REQUESTS = SERVER[:SERVER.index("    if number % 20")]


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
        self.assertIn("hold more with each 'request'", done.err)

    def test_too_little_work(self):
        self.write("server.py", REQUESTS)
        self.record("server.py", "6")
        done = self.pytrace("leaks", "run.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("too little work", done.err)

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
