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
        self.assertEqual("pytrace: there is no snapshot or mark 'three' in "
                         "'run.pytrace'; pytrace info names the snapshots, "
                         "pytrace dump --kind mark the marks\n",
                         done.err)

    def test_knows_no_peak(self):
        self.record(STEPS)
        done = self.pytrace("report", "--mem-peak", "run.pytrace@one")
        self.assertEqual((2, "", "pytrace: --mem-peak needs the whole "
                          "recording: what was held at an earlier peak is not "
                          "known of 'one'\n"),
                         (done.status, done.out, done.err))

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


class FileTest(SnapshotCase):
    """--snapshot FILE: for Snapshot.load()."""

    def load(self, code):
        """Run code with `s`, the snapshot in a file; what it printed."""
        done = self.python(
            "-c", "import pytrace.tracemalloc as tracemalloc\n"
            "s = tracemalloc.Snapshot.load('end.snapshot')\n" + code,
            env=environment(PYTHONPATH=PACKAGE))
        self.assertEqual(0, done.status, done.err)
        return done.out

    def test_same_figures_as_the_report(self):
        program = STEPS.replace("def step(n):",
                                "class Ä: pass\n\n\ndef step(n):")
        done = self.record(program, "--snapshot", "end.snapshot",
                           "--mem-top", "10000")
        wanted = [line for line in done.out.splitlines()
                  if ": size=" in line and "more line" not in line]
        got = self.load("for one in s.statistics('lineno'): print(one)")
        self.assertEqual(wanted, got.splitlines())
        again = self.load("s.dump('again'); s = tracemalloc.Snapshot.load("
                          "'again')\n"
                          "for one in s.statistics('lineno'): print(one)")
        self.assertEqual(got, again)

    def test_tracebacks(self):
        self.record("def down(n):\n"
                    "    return down(n - 1) if n else bytes(1 << 20)\n"
                    "kept = down(30)\n", "--snapshot", "end.snapshot")
        self.assertEqual("3 32 2\n", self.load(
            "t = s.statistics('traceback')[0].traceback\n"
            "print(t[0].lineno, len(t), t[-1].lineno)"))

    def test_after_sigkill_and_from_a_recording(self):
        self.record("import os, pytrace, signal\n"
                    "kept = [bytes((1 << 20) - 33)]\n"
                    "pytrace.snapshot('one')\n"
                    "kept += [bytes((1 << 20) - 33)]\n"
                    "os.kill(os.getpid(), signal.SIGKILL)\n",
                    "--snapshot", "end.snapshot", status=-9)
        count = ("print(sum(t.size == 1 << 20 for t in s.traces), "
                 "s.traces[0].domain)")
        self.assertEqual("2 0\n", self.load(count))
        done = self.pytrace("report", "--snapshot=end.snapshot",
                            "run.pytrace@one")
        self.assertEqual(0, done.status, done.err)
        self.assertEqual("1 0\n", self.load(count))

    def test_names_that_are_no_text(self):
        name = os.fsdecode(b"p\xe4r\xff.py")
        self.write(name, "kept = bytes((1 << 20) - 33)\n")
        done = self.pytrace("--mem", "--snapshot", "end.snapshot", name)
        self.assertEqual(0, done.status, done.err)
        self.assertEqual(ascii(str(self.scratch / name)) + "\n", self.load(
            "print(ascii(s.statistics('lineno')[0].traceback[0].filename))"))

    def test_cannot_be_written(self):
        self.write("prog.py", "x = 1\n")
        done = self.pytrace("--mem", "--snapshot", "none/there", "prog.py")
        self.assertEqual(1, done.status)
        self.assertIn("pytrace: cannot write 'none/there': No such file or "
                      "directory; choose another place\n", done.err)

    def test_no_memory_recorded(self):
        self.write("prog.py", "x = 1\n")
        done = self.pytrace("--count", "--snapshot", "x", "prog.py")
        self.assertEqual(2, done.status)
        self.assertIn("pytrace: --snapshot can only be used with --mem\n",
                      done.err)
        self.pytrace("--count", "-o", "run.pytrace", "prog.py")
        done = self.pytrace("report", "--snapshot", "x", "run.pytrace")
        self.assertEqual(1, done.status)
        self.assertIn("no 'x': memory was not recorded; run with --mem",
                      done.err)


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
