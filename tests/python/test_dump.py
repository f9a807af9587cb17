"""`pytrace dump`: each of its filters, against all events filtered here."""

import fnmatch
import json
import unittest

from support import PACKAGE, Case, environment

PROGRAM = """\
import _thread
import os
import pytrace
import helper


class Shelf:
    def fill(self, count):
        kept = []
        for number in range(count):
            kept.append(bytes(100 * number))
        return kept


def work():
    with pytrace.span("request"):
        kept = Shelf().fill(6)
        pytrace.mark("half")
        helper.help_out(3)
    return kept


first = work()
done = _thread.allocate_lock()
done.acquire()


def other():
    work()
    done.release()


_thread.start_new_thread(other, ())
done.acquire()
child = os.fork()
second = work()
if child:
    os.waitpid(child, 0)
"""
HELPER = """\
def help_out(count):
    return [str(number) * 50 for number in range(count)]
"""


class DumpTest(Case):
    recording = all = None

    def setUp(self):
        super().setUp()
        if DumpTest.recording is None:
            self.record()
        else:
            (self.scratch / "run.pytrace").write_bytes(DumpTest.recording)

    def record(self):
        """Once for all of them."""
        self.write("prog.py", PROGRAM)
        self.write("helper.py", HELPER)
        done = self.pytrace("--count", "--mem", "--timeline=all", "-C", "cov",
                            "-o", "run.pytrace", "prog.py",
                            env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)
        DumpTest.recording = (self.scratch / "run.pytrace").read_bytes()
        DumpTest.all = self.dump()

    def dump(self, *words):
        done = self.pytrace("dump", *words, "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        return [json.loads(line) for line in done.out.splitlines()]

    def check(self, wanted, *words):
        """The filter gives those events that are wanted, all and no others,
        and there are some of both."""
        expected = [event for event in self.all if wanted(event)]
        self.assertTrue(0 < len(expected) < len(self.all), words)
        # Not assertEqual, which takes minutes to say how long lists differ.
        self.assertTrue(expected == self.dump(*words), words)

    def test_kind(self):
        self.check(lambda event: event["kind"] == "mark", "--kind", "mark")
        self.check(lambda event: event["kind"].startswith("span"),
                   "--kind", "span*")
        self.check(lambda event: event["kind"] in ("call", "return"),
                   "--kind", "call", "--kind", "return")
        # There is none in this recording, but there may be.
        self.assertEqual([], self.dump("--kind", "native_*"))
        done = self.pytrace("dump", "--kind", "mark", "--kind", "marks",
                            "run.pytrace")
        self.assertEqual((2, ""), (done.status, done.out))
        self.assertRegex(done.err, "'marks'; choose from call, .*, mark, ")

    def test_file(self):
        self.check(lambda event: event.get("path") == "helper.py",
                   "--file", "helper.py")
        self.check(lambda event: event.get("path") in ("helper.py",
                                                       "prog.py"),
                   "--file", "helper.py", "--file", "prog.py")

    def test_omit(self):
        # What is of no file is of none that is left out.
        self.check(lambda event: event.get("path") != "prog.py",
                   "--omit", "prog.py")

    def test_function(self):
        self.check(lambda event: event.get("function") == "Shelf.fill",
                   "--function", "Shelf.fill")
        self.check(lambda event: fnmatch.fnmatchcase(
            event.get("function", ""), "help*"), "--function", "help*")
        self.assertEqual(self.dump("--function", "Shelf.fill"),
                         self.dump("--function", "fill"))

    def test_thread(self):
        for thread in sorted({event["thread"] for event in self.all}):
            self.check(lambda event, own=thread: event["thread"] == own,
                       "--thread", str(thread))

    def test_process(self):
        self.assertEqual({0, 1}, {event["process"] for event in self.all})
        for process in 0, 1:
            self.check(lambda event, own=process: event["process"] == own,
                       "--process", str(process))

    def test_size(self):
        self.check(lambda event: event.get("size", -1) >= 300,
                   "--min-size", "300")
        self.check(lambda event: 0 <= event.get("size", -1) <= 200,
                   "--max-size", "200")
        self.check(lambda event: 200 <= event.get("size", -1) <= 600,
                   "--min-size", "200", "--max-size", "600")

    def test_time(self):
        times = sorted({event["time"] for event in self.all})
        early, late = times[len(times) // 3], times[2 * len(times) // 3]
        self.check(lambda event: event["time"] >= early,
                   "--since", f"{early:.9f}")
        self.check(lambda event: event["time"] <= late,
                   "--until", f"{late:.9f}")
        self.check(lambda event: early <= event["time"] <= late,
                   "--since", f"{early:.9f}", "--until", f"{late:.9f}")

    def test_limit(self):
        self.assertEqual(self.all[:7], self.dump("--limit", "7"))
        self.assertEqual([], self.dump("--limit", "0"))
        marks = [event for event in self.all if event["kind"] == "mark"]
        self.assertEqual(marks[:2], self.dump("--kind", "mark", "--limit",
                                              "2"))

    def test_all_at_once(self):
        self.check(lambda event: event["kind"] == "alloc"
                   and event.get("path") == "prog.py"
                   and event.get("function") == "Shelf.fill"
                   and event["thread"] == 1 and event["process"] == 0
                   and event["size"] >= 300,
                   "--kind", "alloc", "--file", "prog.py", "--function",
                   "fill", "--thread", "1", "--process", "0", "--min-size",
                   "300")

    def test_usage(self):
        for words, message in ((("--since", "soon"), "time in seconds"),
                               (("--until", "-1"), "--until"),
                               (("--thread", "x"), "needs a number"),
                               (("--min-size", "big"), "needs")):
            done = self.pytrace("dump", *words, "run.pytrace")
            self.assertEqual((2, ""), (done.status, done.out))
            self.assertIn(message, done.err)


if __name__ == "__main__":
    unittest.main()
