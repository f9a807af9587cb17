"""However a program ends, its report appears and pytrace ends likewise."""

import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys
import time
import unittest

from support import PY, PYTRACE, Case, environment, without_asan

KEPT = re.compile(r"dies_hard.py:15: size=(\S+) KiB, count=(\d+)")
CALLBACK_ENGINE = "monitoring" if hasattr(sys, "monitoring") else "settrace"
END = re.compile(r"^pytrace: the program (.*)$", re.MULTILINE)


class EndsTest(Case):
    """The program brings its end about itself."""

    def check(self, how, told):
        self.copy("dies_hard.py")
        plain = self.python("dies_hard.py", how)
        done = self.pytrace("--count", "--mem", "dies_hard.py", how)
        self.assertEqual(plain.status, done.status, done.err)
        self.check_hits("dies_hard")
        self.assertEqual([told], END.findall(done.err))
        own, _, report = done.out.partition("\nmemory at the end")
        self.assertEqual(plain.out, own)
        size, count = KEPT.search(report).groups()
        self.assertTrue(105 <= float(size) <= 112, size)
        self.assertTrue(100 <= int(count) <= 102, count)
        self.assertTrue(done.err.startswith(plain.err))

    def test_uncaught_exception(self):
        self.check("exception", "ended with status 1")

    def test_exit_status(self):
        self.check("exit", "ended with status 3")

    def test_exit_message(self):
        self.check("message", "ended with status 1")

    def test_os_exit(self):
        self.check("_exit", "ended with status 4")

    def test_sigkill(self):
        self.check("SIGKILL", "was killed by SIGKILL")

    def test_sigterm(self):
        self.check("SIGTERM", "was killed by SIGTERM")

    def test_sigint(self):
        self.check("SIGINT", "was killed by SIGINT")

    def test_odd_signals(self):
        for name in "SIGALRM", "SIGUSR1", "SIGXCPU", "SIGQUIT":
            with self.subTest(name=name):
                self.check(name, f"was killed by {name}")
        self.check("SIGRTMIN", "was killed by signal 34")

    def test_segfault(self):
        self.check("segfault", "was killed by SIGSEGV")

    def test_abort(self):
        self.check("abort", "was killed by SIGABRT")

    def test_daemon_thread(self):
        self.check("daemon", "ended with status 6")

    def test_exec_of_another_program(self):
        self.check("exec", "ended with status 7")

    def test_endless_recursion(self):
        self.copy("dies_hard.py")
        plain = self.python("dies_hard.py", "recursion")
        done = self.pytrace("--count", "--mem", "dies_hard.py", "recursion")
        self.assertEqual(1, done.status)
        # One operation sooner or later: rewritten code may compare in a way
        # that looks at the limit, and the traceback shows where it struck.
        self.assertEqual(plain.err.partition("  [Previous line")[0],
                         done.err.partition("  [Previous line")[0])
        self.assertIn("\nRecursionError: maximum recursion depth exceeded",
                      done.err)

    def test_handlers(self):
        self.copy("dies_hard.py")
        done = self.pytrace("--count", "--mem", "dies_hard.py", "handler")
        self.assertEqual(9, done.status)
        self.check_hits("dies_hard")
        # The handler emptied the list; the report is of after that.
        self.assertIsNone(KEPT.search(done.out))

    NEVER = ("import os, threading, time\ndef outlived():\n"
             "    time.sleep(30)  # hits: 1\n    never = 1  # hits: 0\n"
             "def ends():\n    done = 1  # hits: 1\n"
             "    os._exit(4)  # hits: 1\n    never = 2  # hits: 0\n"
             "threading.Thread(target=outlived, daemon=True).start()\n"
             "time.sleep(0.1)  # hits: 1\nends()  # hits: 1\n"
             "never = 3  # hits: 0\n")

    def test_what_never_ran_has_no_hits(self):
        self.write("never.py", self.NEVER)
        done = self.pytrace("--count", "--engine", CALLBACK_ENGINE,
                            "never.py")
        self.assertEqual(4, done.status)
        self.check_hits("never")

    def test_what_never_ran_has_no_hits_by_probe(self):
        self.write("never.py", self.NEVER)
        self.pytrace("--count", "never.py")
        self.check_hits("never")

    # What waits when the end comes: a loop, its iterator, a with, a call.
    WAITING = ("import os, signal\nfrom contextlib import contextmanager\n"
               "class Grows:\n    def append(self, n):\n"
               "        return n + 1  # hits: 13\n"
               "def feed(n):\n    for i in range(n):  # hits: 4\n"
               "        before = i  # hits: 4\n        yield i  # hits: 4\n"
               "        after = i  # hits: 3\n"
               "@contextmanager\ndef held():\n    yield 1  # hits: 4\n"
               "    last = 1  # hits: 3\n"
               "def inner(n):\n    x = n  # hits: 4\n"
               "    if n == 3:  # hits: 4\n"
               "        END\n        y = n  # hits: 0\n"
               "    z = n  # hits: 3\n    return z  # hits: 3\n"
               "def outer(grows):\n    for i in feed(9):  # hits: 4\n"
               "        grows.append(i)  # hits: 4\n"
               "        while True:  # hits: 4\n"
               "            with held():  # hits: 7\n"
               "                inner(i)  # hits: 4\n"
               "                a = i  # hits: 3\n"
               "            b = i  # hits: 3\n            break  # hits: 3\n"
               "        for j in range(3):  # hits: 12\n"
               "            grows.append(j)  # hits: 9\n"
               "        c = i  # hits: 3\n    d = 1  # hits: 0\n"
               "for k in range(5):  # hits: 1\n    e = k  # hits: 1\n"
               "    outer(Grows())  # hits: 1\n    f = k  # hits: 0\n")

    def test_what_waited_at_the_end_counts(self):
        for end in ("os._exit(3)", "os.kill(os.getpid(), signal.SIGKILL)",
                    "os.kill(os.getpid(), signal.SIGSEGV)"):
            for engine in "probe", CALLBACK_ENGINE:
                with self.subTest(end=end, engine=engine):
                    self.write("waits.py", self.WAITING.replace("END", end))
                    self.pytrace("--count", "--engine", engine, "waits.py")
                    self.check_hits("waits")

    def test_end_of_all_kinds_counts(self):
        self.copy("counts_the_end.py")
        plain = self.python("counts_the_end.py")
        for options in ["--count"], ["--count", "--mem"]:
            done = self.pytrace(*options, "counts_the_end.py")
            self.assertEqual(8, done.status)
            self.assertTrue(done.out.startswith(plain.out))
            self.check_hits("counts_the_end")


class SignalsTest(Case):
    """Signals from outside."""

    def start(self, *words, **options):
        self.copy("dies_hard.py")
        process = subprocess.Popen(
            [*words, "dies_hard.py", "wait"], cwd=self.scratch,
            env=environment(), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, **options)
        self.assertEqual(b"waiting\n", process.stdout.readline())
        return process

    def child_of(self, process):
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
            return int(file.read().split()[0])

    def finish(self, process, status, told):
        out, err = (text.decode() for text in process.communicate(timeout=60))
        self.assertEqual(status, process.returncode)
        self.assertEqual([told], END.findall(err))
        self.check_hits("dies_hard")
        return out, err

    def test_child_killed(self):
        for number in signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV:
            process = self.start(PYTRACE, "--count", "--mem")
            os.kill(self.child_of(process), number)
            out, _ = self.finish(process, -number,
                                 f"was killed by {number.name}")
            self.assertRegex(out, KEPT)

    def test_supervisor_told_to_end(self):
        for number in signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1:
            process = self.start(PYTRACE, "--count", "--mem")
            process.send_signal(number)
            out, _ = self.finish(process, -number,
                                 f"was killed by {number.name}")
            self.assertRegex(out, KEPT)

    def test_interrupt_of_the_supervisor_alone(self):
        # `kill -INT pytrace` is not the keyboard; the program must still be
        # reachable, and the supervisor may not die before it.
        process = self.start(PYTRACE, "--count")
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertIn(process.returncode, (-signal.SIGINT, -signal.SIGTERM))
        self.check_hits("dies_hard")

    def test_hangup_ignored_as_under_nohup(self):
        process = self.start("nohup", PYTRACE, "--count",
                             stdin=subprocess.DEVNULL)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        self.assertIsNone(process.poll())
        process.terminate()
        self.finish(process, -signal.SIGTERM, "was killed by SIGTERM")

    def test_supervisor_killed(self):
        # Nobody is there to report; the recording is, and can be read.
        process = self.start(PYTRACE, "--count", "--mem", "-o", "run.pytrace")
        child = self.child_of(process)
        process.kill()
        process.wait()
        time.sleep(0.2)
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.stdout.close()
        process.stderr.close()
        done = self.pytrace("report", "run.pytrace")
        self.assertEqual(0, done.status)
        self.assertEqual(["had not ended when this was read"],
                         END.findall(done.err))
        self.check_hits("dies_hard")

    def test_report_of_a_running_program(self):
        process = self.start(PYTRACE, "--count", "--mem", "-o", "run.pytrace")
        done = self.pytrace("report", "run.pytrace")
        self.assertEqual(0, done.status)
        self.check_hits("dies_hard")
        self.assertIn("memory at the end", done.out)
        process.terminate()
        self.finish(process, -signal.SIGTERM, "was killed by SIGTERM")

    def on_terminal(self, key, *words):
        """Run on a terminal, press a key: (status, what was shown)."""
        pid, master = pty.fork()
        if pid == 0:
            os.chdir(self.scratch)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.execve(words[0], words, environment())
        shown = b""
        while True:
            ready = select.select([master], [], [], 60)[0]
            try:
                piece = os.read(master, 65536) if ready else b""
            except OSError:
                piece = b""
            if not piece:
                break
            if b"waiting" not in shown and b"waiting" in shown + piece:
                time.sleep(0.1)
                os.write(master, key)
            shown += piece
        os.close(master)
        status = os.waitpid(pid, 0)[1]
        return os.waitstatus_to_exitcode(status), shown.decode()

    def test_keyboard(self):
        self.copy("dies_hard.py")
        for key, name in (b"\x03", "SIGINT"), (b"\x1c", "SIGQUIT"):
            with self.subTest(name=name):
                plain, shown = self.on_terminal(key, PY, "dies_hard.py",
                                                "wait")
                status, ours = self.on_terminal(
                    key, PYTRACE, "--count", "--mem", "dies_hard.py", "wait")
                self.assertEqual(plain, status)
                self.assertIn(shown.rstrip(), ours)
                self.assertIn(f"the program was killed by {name}", ours)
                self.assertIn("memory at the end", ours)
                self.check_hits("dies_hard")

    def test_keyboard_that_the_program_handles(self):
        self.write("handles.py", "import time\ntry:\n"
                   "    print('waiting', flush=True)\n    time.sleep(60)\n"
                   "except KeyboardInterrupt:\n    print('caught')\n"
                   "x = 1  # hits: 1\n")
        status, shown = self.on_terminal(b"\x03", PYTRACE, "--count",
                                         "handles.py")
        self.assertEqual(0, status)
        self.assertIn("caught", shown)
        self.check_hits("handles")

    def test_killed_at_random_moments(self):
        self.write("busy.py", "import json\nkept = []\nn = 0\nwhile True:\n"
                   "    n += 1\n    kept.append(json.dumps({'n': n}))\n"
                   "    space = {}\n"
                   "    exec('def f(x): return x + %d' % n, space)\n"
                   "    if n % 50 == 0:\n        kept.clear()\n")
        for moment in range(12):
            process = subprocess.Popen(
                [PYTRACE, "--count", "--mem", "busy.py"], cwd=self.scratch,
                env=environment(), stdout=subprocess.PIPE,
                stderr=subprocess.PIPE)
            time.sleep(0.004 * moment ** 2)
            try:
                os.kill(self.child_of(process), signal.SIGKILL)
            except (IndexError, FileNotFoundError):
                process.kill()  # before it had started its child
                process.communicate()
                continue
            out, err = process.communicate(timeout=60)
            self.assertEqual(-9, process.returncode)
            if b"nothing was recorded" in err:
                continue
            self.assertIn(b"killed by SIGKILL", err)
            self.assertIn(b"memory at the end", out)


class LimitsTest(Case):
    """Where memory, descriptors or the stack come to an end."""

    def limited(self, limit, bytes_):
        def limit_it():
            resource.setrlimit(limit, (bytes_, bytes_))
        return limit_it

    def check_memory(self, arguments, words, **options):
        self.copy("runs_out.py")
        plain = self.python("runs_out.py", *arguments, **options)
        done = self.pytrace(*words, "runs_out.py", *arguments, **options)
        self.assertEqual(plain.status, done.status, done.err)
        self.assertTrue(done.out.startswith(plain.out), done.out)
        self.assertTrue(done.err.startswith(plain.err), done.err)
        self.assertNotIn("pytrace's own tables", done.err)
        self.check_hits("runs_out")

    @without_asan
    def test_limit_set_by_the_program(self):
        for words in ["--count"], ["--count", "--mem"]:
            with self.subTest(words=words):
                self.check_memory(["300", "150"], words)

    @without_asan
    def test_limit_set_before(self):
        self.check_memory(
            ["0", "500"], ["--count", "--mem"],
            preexec_fn=self.limited(resource.RLIMIT_AS, 3 << 30))

    @without_asan
    def test_limit_that_is_low(self):
        self.check_memory(
            ["0", "100"], ["--count", "--mem"],
            preexec_fn=self.limited(resource.RLIMIT_AS, 400 << 20))

    @without_asan
    def test_uncaught_memory_error(self):
        self.check_memory(["400", "100", "x"], ["--count", "--mem"])

    @without_asan
    def test_limit_too_low_to_start(self):
        self.write("prog.py", "x = 1\n")
        for megabytes in range(16, 40, 4):
            done = self.pytrace(
                "--count", "--mem", "prog.py",
                preexec_fn=self.limited(resource.RLIMIT_AS, megabytes << 20))
            self.assertNotIn("sitecustomize", done.err)
            self.assertNotIn(": \n", done.err)

    def test_few_descriptors(self):
        self.copy("closures.py")
        done = self.pytrace(
            "--count", "--mem", "closures.py",
            preexec_fn=self.limited(resource.RLIMIT_NOFILE, 16))
        self.assertEqual(0, done.status, done.err)
        self.assertIn("memory at the end", done.out)

    def test_descriptors_closed(self):
        self.copy("closes_all.py")
        for words in (["--count"], ["--count", "--mem"],
                      ["--count", "--mem", "-o", "run.pytrace"]):
            done = self.pytrace(*words, "closes_all.py")
            self.assertEqual(0, done.status, done.err)
            self.assertQuiet(done)
            self.check_hits("closes_all")

    def test_deep_recursion(self):
        self.copy("recurses.py")
        plain = self.python("recurses.py")
        for words in ["--count"], ["--mem", "--count"]:
            done = self.pytrace(*words, "recurses.py")
            self.assertEqual(plain.status, done.status, done.err)
            self.assertTrue(done.out.startswith(plain.out))
            self.check_hits("recurses")

    def test_directory_changed(self):
        self.write("moves.py", "import os\nos.chdir('/')\nx = 1  # hits: 1\n")
        done = self.pytrace("--count", "--mem", "-s", "moves.py")
        self.check_hits("moves")
        self.assertIn("moves", done.out)

    def test_directory_gone(self):
        self.write("gone/leaves.py", "import os, shutil\n"
                   "shutil.rmtree(os.getcwd())\nx = 1\n")
        done = self.pytrace("--count", "--mem", "leaves.py",
                            cwd=self.scratch / "gone")
        self.assertEqual(1, done.status)
        self.assertIn("leaves.py", done.err)
        self.assertIn("memory at the end", done.out)

    def test_directory_gone_before(self):
        """The name is no absolute path then, for Python neither."""
        self.write("outside.py", "kept = [bytes(70001)]  # hits: 1\n"
                   "print(__file__)  # hits: 1\n")
        script = 'mkdir gone; cd gone; rmdir ../gone; exec "$@"'
        plain = self.run_command("sh", "-c", script, "sh", PY, "../outside.py")
        done = self.run_command("sh", "-c", script, "sh", PYTRACE, "--count",
                                "--mem", "../outside.py")
        self.assertEqual((0, 0, ""), (plain.status, done.status, plain.err),
                         done.err)
        self.assertQuiet(done)
        self.assertTrue(done.out.startswith(plain.out), done.out)
        self.assertRegex(done.out, r"\n\.\./outside\.py:1: size=68\.\d KiB")
        self.check_hits("outside")

    def test_children_are_not_traced(self):
        self.copy("starts_others.py")
        for changes in {}, {"PYTHONPATH": "/one:/two"}, {"PYTHONPATH": ""}:
            env = environment(**changes)
            plain = self.python("starts_others.py", env=env)
            done = self.pytrace("--count", "-C", "cover", "starts_others.py",
                                env=env)
            self.assertEqual(plain.out, done.out)
            self.assertEqual(plain.status, done.status)


if __name__ == "__main__":
    unittest.main()
