"""Snapshots in a recording: taken by the program, read as of them later."""

import json
import os
import signal
import subprocess
import time
import unittest

from support import PACKAGE, PYTRACE, TIMEOUT_SECONDS, Case, environment


UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}


class SnapshotCase(Case):

    def record(self, program, *words, status=0):
        """Run a program that imports pytrace, keep its recording."""
        self.write("prog.py", program)
        done = self.pytrace("--count", "--mem", "-o", "run.pytrace", *words,
                            "prog.py", env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(status, done.status, done.err)
        return done

    def info(self):
        done = self.pytrace("info", "--json", "run.pytrace")
        self.assertEqual(0, done.status, done.err)
        return json.loads(done.out)

    def labels(self):
        return [(one["process"], one["label"])
                for one in self.info()["snapshots"]]

    def kept(self, label, line):
        """What a line held at a snapshot, in whole mebibytes, or None."""
        done = self.pytrace("report", "--mem-filter", "*/prog.py",
                            "--mem-top", "100", "run.pytrace@" + label)
        self.assertEqual(0, done.status, done.err)
        for text in done.out.splitlines():
            if f"/prog.py:{line}: size=" in text:
                number, unit = text.partition("size=")[2].split(",")[0].split()
                return int(float(number) * UNITS[unit]) >> 20
        return None


STEPS = """\
import pytrace
kept = []
def step(n):
    kept.append(bytes((n << 20) - 33))
step(1)
assert pytrace.snapshot("one") is True
for i in range(3):
    step(1)
pytrace.snapshot("two")
del kept[:3]
"""


class InProgramTest(SnapshotCase):

    def test_report_as_of_a_snapshot(self):
        self.record(STEPS)
        self.assertEqual([(0, "one"), (0, "two")], self.labels())
        self.assertEqual(1, self.kept("one", 4))
        self.assertEqual(4, self.kept("two", 4))
        done = self.pytrace("report", "--mem-filter", "*/prog.py",
                            "run.pytrace")
        self.assertIn(":4: size=1024 KiB", done.out)

    def test_hits_as_of_a_snapshot(self):
        self.record(STEPS)
        for label, hits in ("one", 1), ("two", 4), ("#0", 1), ("#1", 4):
            self.pytrace("report", "run.pytrace@" + label)
            self.assertRegex(self.listing("prog"),
                             rf" {hits}: .*kept.append")

    def test_diff_of_two(self):
        self.record(STEPS)
        done = self.pytrace("diff", "run.pytrace@one", "run.pytrace@two")
        self.assertIn("prog.py:4 (step): size=4096 KiB (+3072 KiB), "
                      "count=", done.out)
        self.assertIn("hits=4 (+3)", done.out)

    def test_labels_may_be_anything(self):
        self.record("import pytrace\n"
                    "kept = []\n"
                    "for i in range(3):\n"
                    "    kept.append(bytes(1 << 20))\n"
                    "    pytrace.snapshot('')\n"
                    "    pytrace.snapshot('outer')\n"
                    "    pytrace.snapshot('ou' + 'ter/in\\u00e4r\\n')\n"
                    "pytrace.snapshot('x' * 5000)\n")
        labels = [label for _, label in self.labels()]
        self.assertEqual(["", "outer", "outer/inär\n"] * 3, labels[:-1])
        self.assertEqual(set("x"), set(labels[-1]))
        self.assertLessEqual(len(labels[-1]), 1024)
        self.assertGreater(len(labels[-1]), 1000)
        # The last of a name.
        self.assertEqual(3, self.kept("outer", 4))
        self.assertEqual(2, self.kept("#4", 4))

    def test_no_such_label(self):
        self.record(STEPS)
        done = self.pytrace("report", "run.pytrace@three")
        self.assertEqual(1, done.status)
        self.assertEqual("pytrace: there is no snapshot 'three' in "
                         "'run.pytrace'; pytrace info names those there are\n",
                         done.err)

    def test_not_under_pytrace(self):
        self.write("alone.py", "import pytrace\n"
                   "assert pytrace.snapshot('x') is False\n"
                   "try:\n    pytrace.snapshot(1)\n"
                   "except TypeError as error:\n    print(error)\n")
        done = self.python("alone.py", env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(
            (0, "snapshot() needs a str as label, not int\n"),
            (done.status, done.out), done.err)

    def test_sampled(self):
        self.record("import pytrace\n"
                    "kept = [bytes(64 << 20)]\n"
                    "pytrace.snapshot('then')\n"
                    "kept.append(bytes(64 << 20))\n", "--mem=sample")
        self.assertEqual(64, self.kept("then", 2))
        self.assertIsNone(self.kept("then", 4))


class KilledTest(SnapshotCase):

    def test_sigkill_leaves_it(self):
        self.record("import os, pytrace, signal\n"
                    "kept = [bytes(1 << 20) for i in range(5)]\n"
                    "pytrace.snapshot('five')\n"
                    "kept.clear()\n"
                    "os.kill(os.getpid(), signal.SIGKILL)\n", status=-9)
        self.assertEqual([(0, "five")], self.labels())
        self.assertEqual(5, self.kept("five", 2))

    def test_fork(self):
        self.record("import os, pytrace\n"
                    "kept = [bytes(1 << 20) for i in range(2)]\n"
                    "pytrace.snapshot('both')\n"
                    "if os.fork() == 0:\n"
                    "    kept += [bytes(1 << 20) for i in range(3)]\n"
                    "    pytrace.snapshot('both')\n"
                    "    pytrace.snapshot('child')\n"
                    "    os._exit(0)\n"
                    "os.wait()\n"
                    "pytrace.snapshot('parent')\n")
        self.assertEqual([(0, "both"), (0, "parent"), (1, "both"),
                          (1, "child")], self.labels())
        # What the child inherited is its parent's.
        self.assertEqual((2, 3), (self.kept("both", 2),
                                  self.kept("both", 5)))
        self.assertEqual((None, 3), (self.kept("child", 2),
                                         self.kept("child", 5)))
        self.assertEqual((2, None), (self.kept("parent", 2),
                                         self.kept("parent", 5)))


WAITS = """\
import os, time
kept = [bytes(1 << 20)]
def wait(name):
    while not os.path.exists(name):
        time.sleep(0.005)
if os.fork() == 0:
    more = [bytes(1 << 20) for i in range(3)]
    open("forked", "w").close()
    wait("stop")
    os._exit(0)
wait("forked")
open("ready", "w").close()
wait("stop")
os.wait()
kept.clear()
"""


class SignalTest(SnapshotCase):

    def until(self, is_so):
        end = time.monotonic() + TIMEOUT_SECONDS
        while not is_so():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def test_of_all_processes(self):
        self.write("prog.py", WAITS)
        running = subprocess.Popen(
            [PYTRACE, "--mem", "--snapshot-on=SIGUSR2", "-o", "run.pytrace",
             "prog.py"], cwd=self.scratch, env=environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with running:
            self.until((self.scratch / "ready").exists)
            # To pytrace, which hands it on, then to the program itself.
            running.send_signal(signal.SIGUSR2)
            self.until(lambda: len(self.labels()) == 2)
            program = self.info()["processes"][0]["pid"]
            os.kill(program, signal.SIGUSR2)
            self.until(lambda: len(self.labels()) == 4)
            self.write("stop", "")
            _, err = running.communicate(timeout=TIMEOUT_SECONDS)
        self.assertEqual(0, running.returncode, err)
        self.assertEqual([(0, "SIGUSR2-1"), (0, "SIGUSR2-2"),
                          (1, "SIGUSR2-1"), (1, "SIGUSR2-2")],
                         sorted(self.labels()))
        for label in "SIGUSR2-1", "SIGUSR2-2", "#0", "#1":
            self.assertEqual(1, self.kept(label, 2))
            self.assertEqual(3, self.kept(label, 7))

    def test_asked_for_with_the_last_breath(self):
        self.record("import os, signal\n"
                    "kept = [bytes(1 << 20) for i in range(2)]\n"
                    "os.kill(os.getpid(), signal.SIGUSR1)\n"
                    "os.kill(os.getpid(), signal.SIGKILL)\n",
                    "--snapshot-on", "SIGUSR1", status=-9)
        self.assertEqual([(0, "SIGUSR1-1")], self.labels())
        self.assertEqual(2, self.kept("SIGUSR1-1", 2))

    def test_the_programs_own_handler_wins(self):
        done = self.record("import os, signal\n"
                           "signal.signal(signal.SIGUSR2,\n"
                           "              lambda *args: print('mine'))\n"
                           "os.kill(os.getpid(), signal.SIGUSR2)\n",
                           "--snapshot-on", "SIGUSR2")
        self.assertIn("mine\n", done.out)
        self.assertIn("pytrace: the program took SIGUSR2 for itself, so from "
                      "then on that made no snapshots; choose another with "
                      "--snapshot-on\n", done.err)
        self.assertEqual([], self.labels())

    def test_only_when_asked_for(self):
        self.record("import os, signal\n"
                    "os.kill(os.getpid(), signal.SIGUSR2)\n", status=-12)


if __name__ == "__main__":
    unittest.main()
