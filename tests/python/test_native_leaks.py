# SPDX-License-Identifier: MIT
"""Leaks, diffs and events of native memory: what an extension forgets."""
import json
import os
import textwrap
import unittest

import support
from test_nativemem import EXTENSIONS, HAS_TIER

# Line 5 forgets 2000 bytes each time, line 7 in the beginning, line 4 nothing.
SERVER = """\
import sys; sys.path.append(%r)
import leaky, pytrace
def serve(n):
    leaky.churn(5)
    leaky.hold_malloc(2, 1000)
    if n < 5:
        leaky.hold_malloc(10, 500)
for n in range(40):
    with pytrace.span("request"):
        serve(n)
    if n %% 2:
        pytrace.snapshot("round")
""" % EXTENSIONS


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
@unittest.skipUnless(HAS_TIER, "built without jemalloc")
@support.without_asan
class NativeLeaks(support.Case):
    def record(self, source=SERVER, *words, name="run.pytrace"):
        self.write("server.py", textwrap.dedent(source))
        done = self.pytrace("--mem", "--native", *words, "-o", name,
                            "server.py",
                            env=support.environment(
                                PYTHONPATH=support.PACKAGE))
        self.assertEqual(done.status, 0, done.err)

    def command(self, *words):
        done = self.pytrace(*words)
        self.assertEqual(done.status, 0, done.err)
        return done.out

    def check_leak(self, found, work, per_work):
        self.assertEqual(work, found["work"])
        leak, = found["leaks"]
        self.assertEqual(("server.py", 5, "native"),
                         (leak["path"], leak["line"], leak["memory"]))
        self.assertEqual((per_work * 1000, per_work),
                         (leak["bytes_per_work"], leak["blocks_per_work"]))
        self.assertEqual((80, work * per_work),
                         (leak["live_blocks"], leak["grown_blocks"]))
        self.assertEqual([10, 5], [frame["line"]
                                   for frame in leak["traceback"]])
        function, = leak["functions"]
        self.assertIn("leaky", function["library"])
        self.assertEqual((80000, 80), (function["live_bytes"],
                                       function["live_blocks"]))
        if function["function"] is not None:  # built with elfutils
            self.assertEqual("hold_malloc", function["function"])

    def test_over_spans_by_events(self):
        self.record(SERVER, "--timeline=allocs")
        found = json.loads(self.command("leaks", "--json", "--span",
                                        "request", "run.pytrace"))
        self.assertEqual(0, found["lost_events"])
        self.check_leak(found, 40, 2)

    def test_over_snapshots(self):
        self.record()
        self.check_leak(json.loads(self.command(
            "leaks", "--json", "--span", "round", "run.pytrace")), 19, 4)

    def test_as_text(self):
        self.record()
        text = self.command("leaks", "run.pytrace")
        self.assertIn("server.py:5: grew by 74.2 KiB of native memory in 76 "
                      "blocks; 4000 B in 4.00 blocks for each 'snapshot'\n",
                      text)
        self.assertRegex(text, r"(?m)^    from .* in leaky\S*: "
                         r"size=78\.1 KiB, count=80$")

    def test_functions_of_cxx_have_their_names(self):
        self.record(SERVER.replace("hold_malloc(2, 1000)",
                                   "hold_in_shelf(1000)"))
        leak, = json.loads(self.command("leaks", "--json",
                                        "run.pytrace"))["leaks"]
        self.assertEqual(5, leak["line"])
        function, = leak["functions"]
        if function["function"] in (None, "_ZN4deep5shelf4fillEm"):
            self.skipTest("built without elfutils or libiberty")
        self.assertEqual("deep::shelf::fill", function["function"])
        self.assertIn("    from deep::shelf::fill (leaky.c:",
                      self.command("leaks", "run.pytrace"))

    def test_no_leak_where_all_is_freed(self):
        self.record(SERVER.replace("hold_malloc(2, 1000)", "churn(2)"),
                    "--timeline=allocs")
        self.assertEqual([], json.loads(self.command(
            "leaks", "--json", "run.pytrace"))["leaks"])

    def test_mappings_leak_too(self):
        self.record("""\
            import mmap, pytrace
            kept = []
            def serve():
                kept.append(mmap.mmap(-1, 1 << 16))
            for n in range(40):
                with pytrace.span("request"):
                    serve()
            """, "--timeline=allocs")
        leaks = json.loads(self.command("leaks", "--json", "run.pytrace"))
        leak, = (leak for leak in leaks["leaks"]
                 if leak["memory"] == "native")
        self.assertEqual((4, 1 << 16, 1),
                         (leak["line"], leak["bytes_per_work"],
                          leak["blocks_per_work"]))

    def test_diff_of_snapshots(self):
        self.record()
        # After 8 and after 40 rounds.
        found = json.loads(self.command(
            "diff", "--json", "run.pytrace@#3", "run.pytrace"))
        change, = (change for change in found["changes"]
                   if change["after"]["line"] == 5)
        self.assertEqual([(16000, 16), (80000, 80)],
                         [(change[side]["native_bytes"],
                           change[side]["native_blocks"])
                          for side in ("before", "after")])

    def test_diff_of_runs_has_lines_and_functions(self):
        self.record(name="before.pytrace")
        self.record(SERVER.replace("(2, 1000)", "(3, 1000)"),
                    name="after.pytrace")
        text = self.command("diff", "before.pytrace", "after.pytrace")
        grown = text.partition("lines that hold more native memory\n")[2]
        self.assertRegex(
            grown, r"^server.py:5 \(serve\): size=117 KiB \(\+39.1 KiB\), "
            r"count=120 \(\+40\)\n    leaky.hold_malloc\(3, 1000\)\n"
            r"    from .* in leaky\S*: size=117 KiB, count=120\n")

    def test_events(self):
        self.record(SERVER, "--timeline=allocs")
        events = [json.loads(line) for line in self.command(
            "dump", "--kind", "native*", "--function", "serve",
            "run.pytrace").splitlines()]
        born = [event for event in events if event["kind"] == "native_alloc"]
        died = [event for event in events if event["kind"] == "native_free"]
        self.assertEqual(40 * 2, sum(event["line"] == 5 for event in born))
        self.assertEqual(5 * 10, sum(event["line"] == 7 for event in born))
        # Five rounds of 100, 200, ... 1000 bytes.
        churned = [event["size"] for event in born if event["line"] == 4]
        self.assertEqual(sorted(churned), sorted(
            event["size"] for event in died if event["line"] == 4))
        self.assertEqual(40 * 50, len(churned))


if __name__ == "__main__":
    unittest.main()
