"""pytrace.recording: the commands from Python."""

import json
import sys
import unittest

from support import PACKAGE, PY, PYTRACE, Case, environment

PROGRAM = """\
import pytrace

KEPT = [None] * 10
for number in range(10):
    KEPT[number] = bytes(1000)
    pytrace.mark("turn")
"""


class RecordingTest(Case):
    def setUp(self):
        super().setUp()
        self.write("prog.py", PROGRAM)
        self.record("run.pytrace")

    def record(self, name):
        done = self.pytrace("--count", "--mem", "-C", "cov", "-o", name,
                            "prog.py", env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)

    def ask(self, expression):
        """What an expression gives in a Python that has the package."""
        code = ("import json; from pytrace import recording; "
                f"print(json.dumps({expression}))")
        done = self.run_command(PY, "-c", code,
                                env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)
        return json.loads(done.out)

    def raises(self, expression, error, message):
        code = f"from pytrace import recording; {expression}"
        done = self.run_command(PY, "-c", code,
                                env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(1, done.status)
        last = done.err.strip().splitlines()[-1]
        self.assertTrue(last.startswith(error), last)
        self.assertIn(message, last)

    def test_info(self):
        info = self.ask("recording.info('run.pytrace')")
        self.assertEqual(["prog.py"], info["command"])
        self.assertEqual((True, 0), (info["ended"], info["status"]))

    def test_check(self):
        self.assertEqual([], self.ask("recording.check('run.pytrace')"))
        data = (self.scratch / "run.pytrace").read_bytes()
        (self.scratch / "bad.pytrace").write_bytes(data[:-4096])
        found = self.ask("recording.check('bad.pytrace')")
        self.assertTrue(found)
        self.assertTrue(found[0].startswith("damaged: "), found)

    def test_combine(self):
        self.record("more.pytrace")
        self.assertIsNone(self.ask(
            "recording.combine(['run.pytrace', 'more.pytrace'], "
            "'all.pytrace')"))
        info = self.ask("recording.info('all.pytrace')")
        self.assertEqual(["run.pytrace", "more.pytrace"],
                         [process["run"]["recording"]
                          for process in info["processes"]])
        self.raises("recording.combine(['run.pytrace'] * 2, 'x')",
                    "pytrace.recording.RecordingError", "run in common")

    def test_diff(self):
        found = self.ask("recording.diff('run.pytrace', 'run.pytrace')")
        self.assertEqual([], found["changes"])
        self.write("prog.py", PROGRAM.replace("range(10)", "range(7)"))
        self.record("less.pytrace")
        found = self.ask("recording.diff('run.pytrace', 'less.pytrace', "
                         "filter=['prog.py'], group='function')")
        change, = (change for change in found["changes"]
                   if change["function"] == "<module>")
        self.assertEqual(
            -3 * sys.getsizeof(bytes(1000)),
            change["after"]["live_bytes"] - change["before"]["live_bytes"])
        self.assertEqual(-9, change["after"]["hits"]
                         - change["before"]["hits"])

    def test_events(self):
        found = self.ask("list(recording.events('run.pytrace', kind='mark'))")
        self.assertEqual(["turn"] * 10, [event["label"] for event in found])
        times = [event["time"] for event in found]
        self.assertEqual(sorted(times), times)
        found = self.ask("list(recording.events('run.pytrace', "
                         "kind=['mark', 'start'], limit=3))")
        self.assertEqual(["start", "mark", "mark"],
                         [event["kind"] for event in found])

    def test_export(self):
        data = self.ask("recording.export('run.pytrace', 'json', "
                        "filter=['prog.py'])")
        self.assertEqual(["prog.py"], [file["path"] for file in data["files"]])
        self.assertIsNone(self.ask("recording.export('run.pytrace', 'lcov', "
                                   "output='out.info')"))
        self.assertIn("DA:5,10\n", (self.scratch / "out.info").read_text())
        self.assertTrue(self.ask(
            "recording.export('run.pytrace', 'pprof')[:2] == b'\\x1f\\x8b'"))

    def test_report(self):
        text = self.ask("recording.report('run.pytrace', coverdir='again', "
                        "mem_top=1)")
        self.assertIn("prog.py:5: size=", text)

    def test_report_of_missed_limits(self):
        self.write("half.py", "if not __name__:\n    x = 1\n    y = 2\n")
        done = self.pytrace("--count", "--mem", "-C", "cov", "-o",
                            "half.pytrace", "half.py")
        self.assertEqual(0, done.status, done.err)
        for limit in "fail_under=99", "fail_peak='1'":
            text = self.ask("recording.report('half.pytrace', coverdir='cov',"
                            f" {limit})")
            self.assertIn("memory at the end", text)
        self.raises("recording.report('half.pytrace', fail_under='much')",
                    "ValueError", "much")

    def test_top(self):
        text = self.ask("recording.top('run.pytrace', lines=1)")
        self.assertRegex(text, r"(?m)^ +10 +10\.\d KiB  prog\.py:5  KEPT")

    def test_report_of_moments(self):
        self.raises("recording.report('run.pytrace', at=0.0001)",
                    "pytrace.recording.RecordingError",
                    "record with --timeline=allocs")
        text = self.ask("recording.report('run.pytrace', coverdir='again', "
                        "between=(100, 200))")
        self.assertIn("after  run.pytrace@200, ", text)

    def test_errors(self):
        self.raises("recording.info('none.pytrace')",
                    "pytrace.recording.RecordingError", "No such file")
        self.raises("recording.diff('a', 'b', group='tree')", "ValueError",
                    "knows no 'tree'")
        self.raises("list(recording.events('none.pytrace'))",
                    "pytrace.recording.RecordingError", "No such file")
        self.raises("recording.leaks('run.pytrace', span='none')",
                    "pytrace.recording.RecordingError",
                    "is called 'none'")

    def test_commands_of_the_package(self):
        done = self.run_command(PY, "-m", "pytrace", "check", "run.pytrace",
                                env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)
        self.assertIn("all hold", done.out)
        self.assertEqual(
            self.run_command(PYTRACE, "info", "run.pytrace").out,
            self.run_command(PY, "-m", "pytrace", "info", "run.pytrace",
                             env=environment(PYTHONPATH=PACKAGE)).out)


if __name__ == "__main__":
    unittest.main()
