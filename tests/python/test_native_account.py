# SPDX-License-Identifier: MIT
"""The account of resident memory at any moment of a recording."""
import json
import os
import unittest

import support
from test_nativemem import EXTENSIONS, HAS_TIER, UNIT

# 40 million bytes are held, for so long that a moment falls into it, and given
# back.
PROGRAM = """\
import sys, time; sys.path.append(%r)
import leaky, pytrace
def stay():
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        leaky.churn(1000)
stay()
pytrace.mark("before")
leaky.hold_filled(400, 100000)
stay()
pytrace.mark("held")
leaky.free_elsewhere()
stay()
""" % EXTENSIONS
HELD = 400 * 100000


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
@unittest.skipUnless(HAS_TIER, "built without jemalloc")
@support.without_asan
class NativeAccount(support.Case):
    def record(self):
        self.write("prog.py", PROGRAM)
        done = self.pytrace("--mem", "--native", "-o", "run.pytrace",
                            "prog.py", env=support.environment(
                                PYTHONPATH=support.PACKAGE))
        self.assertEqual(done.status, 0, done.err)

    def command(self, *words):
        done = self.pytrace(*words)
        self.assertEqual(done.status, 0, done.err)
        return done.out

    def dump(self, *words):
        return [json.loads(line) for line in
                self.command("dump", *words, "run.pytrace").splitlines()]

    def test_any_moment(self):
        self.record()
        events = self.dump()
        at = {event["label"]: event["time"] for event in events
              if event["kind"] == "mark"}
        accounts = [event for event in events if event["kind"] == "account"]
        self.assertEqual(accounts, self.dump("--kind", "account"))
        self.assertEqual(events, sorted(events, key=lambda e: e["time"]))
        for account in accounts:
            stats = account["jemalloc"]
            self.assertLessEqual(stats["allocated"], stats["active"])
            self.assertLessEqual(stats["active"], stats["mapped"])
            self.assertEqual(sum(account["rows"].values()), account["rss"])

        def nearest(time):
            return min(accounts, key=lambda a: abs(a["time"] - time))

        for row in ("allocated", "libraries"):
            then, held = ({**nearest(at[label])["rows"],
                           **nearest(at[label])["jemalloc"]}[row]
                          for label in ("before", "held"))
            # jemalloc rounds 100,000 up to 114,688.
            self.assertGreater(held - then, HELD * 0.99)
            self.assertLess(held - then, HELD * 1.2)
        self.check_report(nearest(at["held"]), at["held"])

    def check_report(self, account, time):
        text = self.command("report", "--at", str(time), "run.pytrace")
        table = text.partition("\nresident memory\n")[2]
        self.assertRegex(table.splitlines()[0],
                         r"^ +~?peak +~?at %.3f s +~?end$" % account["time"])
        for name, bytes_then in (("libraries, malloc",
                                  account["rows"]["libraries"]),
                                 ("in all", account["rss"]),
                                 ("metadata",
                                  account["jemalloc"]["metadata"])):
            line, = (line for line in table.splitlines()
                     if line.startswith("  %s  " % name))
            number, unit = line.split()[-4:-2]
            self.assertAlmostEqual(float(number) * UNIT[unit], bytes_then,
                                   delta=bytes_then * 0.006)

    def test_what_is_known_of_it(self):
        self.record()
        accounts = self.dump("--kind", "account")
        info, = json.loads(self.command("info", "--json",
                                        "run.pytrace"))["accounts"]
        self.assertEqual((len(accounts),
                          sum(account["is_exact"] for account in accounts)),
                         (info["moments"], info["exact"]))
        self.assertEqual(accounts[-1]["rss"], info["end"]["rss"])
        self.assertIn(info["peak"]["rss"],
                      [account["rss"] for account in accounts])
        self.assertRegex(
            self.command("info", "run.pytrace"),
            r"(?m)^resident      of process 0 at %d moments \(%d by pages\): "
            r"[\d.]+ MiB at " % (info["moments"], info["exact"]))
        start, end = accounts[1]["time"], accounts[-2]["time"]
        self.assertEqual(accounts[1:-1], self.dump(
            "--kind", "account", "--since", "%.9f" % start, "--until",
            "%.9f" % end))

    def test_counters_of_timelines(self):
        self.record()
        accounts = self.dump("--kind", "account")
        trace = json.loads(self.command("export", "--to", "chrome",
                                        "run.pytrace"))["traceEvents"]
        counters = [event for event in trace if event["ph"] == "C"]
        for name, values in (
                ("jemalloc", [a["jemalloc"] for a in accounts]),
                ("resident", [{"resident": a["rss"]} for a in accounts])):
            self.assertEqual(values, [event["args"] for event in counters
                                      if event["name"] == name])
        rows = [list(event["args"].values()) for event in counters
                if event["name"] == "memory"]
        self.assertEqual([list(a["rows"].values())[:-1] for a in accounts],
                         rows)
        self.command("export", "--to", "perfetto", "-o", "run.perfetto",
                     "run.pytrace")
        perfetto = (self.scratch / "run.perfetto").read_bytes()
        for track in (b"jemalloc, active", b"memory, libraries, mmap",
                      b"resident"):
            self.assertIn(track, perfetto)

    def test_a_recording_without_one(self):
        self.write("plain.py", "pass\n")
        self.pytrace("--mem", "-o", "plain.pytrace", "plain.py")
        done = self.pytrace("report", "--at", "1", "plain.pytrace")
        self.assertEqual(0, done.status)
        self.assertIn("the run had ended by then", done.err)
        done = self.pytrace("report", "--at", "0.0", "plain.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("'plain.pytrace' does not tell what lines held or ran",
                      done.err)
        done = self.pytrace("report", "--at", "noon", "plain.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("there is no snapshot or mark 'noon'", done.err)
        self.assertNotRegex(self.command("info", "plain.pytrace"), "resident ")


if __name__ == "__main__":
    unittest.main()
