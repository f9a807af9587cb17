"""-t and --calls: nothing is lost, and everything stands in its order.

What is expected is what `python -m trace -t` prints of the user's code, or
the program's own text; order is known because each program says, as it goes,
what it has done.
"""

import os
import re
import signal
import site
import unittest
from collections import Counter

import support
from support import Case

# Debian's packages, and the finders they install, lie outside of the prefix.
LIBRARIES = "--ignore-dir=" + os.pathsep.join(
    ["$prefix", "$exec_prefix", *site.getsitepackages()])
PROGRAMS = [
    "branching.py", "class_bodies.py", "closures.py", "comprehensions.py",
    "decorators.py", "matching.py", "one_liners.py", "raising.py",
    "statements.py", "yielding.py",
]
# The gap in front of the source, by version.
GAP = re.compile(r"(\(\d+\)): +")

ENDINGS = {
    "SIGKILL": ("os.kill(os.getpid(), 9)", -signal.SIGKILL),
    "_exit": ("os._exit(3)", 3),
    "SIGSEGV": ("ctypes.string_at(0)", -signal.SIGSEGV),
    "SIGTERM": ("os.kill(os.getpid(), 15)", -signal.SIGTERM),
}


def lines_of(text):
    """The lines of a text, those of -t without the indentation of source."""
    return [GAP.sub(r"\1: ", line).rstrip() for line in text.splitlines()]


class StandardTest(Case):
    """The lines, and their order with the program's, are trace's."""

    def check(self, program):
        self.copy(program)
        wanted = self.python("-m", "trace", "-t", LIBRARIES, program)
        self.assertEqual(0, wanted.status, wanted.err)
        done = self.pytrace("-t", program)
        self.assertEqual((0, wanted.out), (done.status, done.out))


def add_program_test(program):
    def test(self):
        self.check(program)
    test.__doc__ = f"{program}: lines as trace prints them"
    setattr(StandardTest, "test_" + program.removesuffix(".py"), test)


for name in PROGRAMS:
    add_program_test(name)


class ThreadsTest(Case):

    def test_lines_of_threads_stay_whole(self):
        self.write("prog.py", "import threading\n"
                              "def work():\n"
                              "    for n in range(6000):\n"
                              "        n += 1\n"
                              "threads = [threading.Thread(target=work)"
                              " for _ in range(4)]\n"
                              "for thread in threads: thread.start()\n"
                              "for thread in threads: thread.join()\n")
        front = re.compile(r"^(\d+\.\d\d )?(\[[^]]*\] )?")
        for options in ((), ("-g",), ("--thread-names",),
                        ("-g", "--thread-names")):
            with self.subTest(options):
                done = self.pytrace("-t", *options, "prog.py")
                lines = Counter(front.sub("", line)
                                for line in lines_of(done.out))
                self.assertEqual(
                    {"prog.py(3): for n in range(6000):": 24004,
                     "prog.py(4): n += 1": 24000,
                     " --- modulename: prog, funcname: work": 4},
                    {line: lines[line] for line in lines
                     if re.search("work$|for n|n \\+=", line)})

    def test_daemon_threads_at_the_end(self):
        self.write("prog.py", "import threading, time\n"
                              "def work():\n"
                              "    while True:\n"
                              "        n = [1]\n"
                              "for _ in range(4):\n"
                              "    threading.Thread(target=work,\n"
                              "                     daemon=True).start()\n"
                              "time.sleep(0.05)\n"
                              "print('end')\n")
        for options in (("-t",), ("--calls",), ("-t", "-g"), ("-t",)):
            with self.subTest(options):
                done = self.pytrace(*options, "prog.py")
                self.assertEqual(0, done.status, done.err)
                self.assertTrue("end" in done.out)


class KilledTest(Case):

    def program(self, ending, size=40000):
        return self.write("prog.py", "import ctypes, os\n"
                                     "def f(n):\n"
                                     "    return n\n"
                                     f"for n in range({size}):\n"
                                     "    f(n)\n"
                                     f"{ENDINGS[ending][0]}\n")

    def check_lines(self, out, size=40000):
        lines = lines_of(out)
        once = ["prog.py(4): for n in range(%d):" % size,
                "prog.py(5): f(n)",
                " --- modulename: prog, funcname: f",
                "prog.py(3): return n"]
        self.assertEqual(3 + 4 * size + 2, len(lines))
        self.assertTrue(once * size == lines[3:-2])
        self.assertEqual("prog.py(6): ", lines[-1][:12])

    def test_lines_to_a_pipe(self):
        for ending, (_, status) in ENDINGS.items():
            with self.subTest(ending):
                done = self.pytrace("-t", self.program(ending))
                self.assertEqual(status, done.status)
                self.check_lines(done.out)

    def test_lines_to_a_file(self):
        for ending, (_, status) in ENDINGS.items():
            with self.subTest(ending):
                done = self.run_command(
                    "sh", "-c", '"$@" > out; exit $?', "sh", support.PYTRACE,
                    "-t", self.program(ending))
                self.check_lines((self.scratch / "out").read_text())
                wanted = status if status > 0 else 128 - status
                self.assertIn(done.status, (status, wanted))

    def test_calls(self):
        done = self.pytrace("--calls", "--args",
                            self.program("SIGKILL", 5000))
        self.assertEqual(-signal.SIGKILL, done.status)
        self.assertEqual(["<module>()  prog.py:1"]
                         + ["  f(n=%d)  prog.py:2" % n for n in range(5000)],
                         done.out.splitlines())

    def test_forked_children(self):
        self.write("prog.py", "import os\n"
                              "def child(n):\n"
                              "    os.kill(os.getpid(), 9)\n"
                              "for n in range(3):\n"
                              "    pid = os.fork()\n"
                              "    if pid == 0:\n"
                              "        child(n)\n"
                              "    os.waitpid(pid, 0)\n")
        done = self.pytrace("--calls", "--args", "prog.py")
        self.assertEqual(
            ["<module>()  prog.py:1"]
            + ["  child(n=%d)  prog.py:2" % n for n in range(3)],
            sorted(done.out.splitlines(), reverse=True)[:1]
            + sorted(done.out.splitlines())[:3])
        self.assertEqual(4, len(done.out.splitlines()))

    def test_children_of_a_pool(self):
        self.write("prog.py", "import multiprocessing\n"
                              "def work(n):\n"
                              "    return n\n"
                              "if __name__ == '__main__':\n"
                              "    context = "
                              "multiprocessing.get_context('fork')\n"
                              "    with context.Pool(3) as pool:\n"
                              "        pool.map(work, range(300))\n")
        done = self.pytrace("--calls", "--args", "prog.py")
        self.assertEqual(
            sorted("work(n=%d)  prog.py:2" % n for n in range(300)),
            sorted(line.strip() for line in done.out.splitlines()
                   if "work" in line))


class OrderTest(Case):
    """What the program does itself stands where it did it."""

    def out_of(self, program, **changes):
        self.write("prog.py", program)
        done = self.run_command(
            "sh", "-c", '"$@" 2>&1', "sh", support.PYTRACE, "-t", "prog.py",
            env=support.environment(**changes))
        self.assertEqual(0, done.status, done.out)
        return [line for line in lines_of(done.out)
                if not line.startswith(" --- ")]

    def check(self, *statements, head="import io, os, subprocess, sys",
              **changes):
        """Each of the statements prints one line, "done"."""
        program = head + "\n" + "".join(line + "\n" for line in statements)
        wanted = ["prog.py(1): " + head]
        for number, line in enumerate(statements, 2):
            wanted.append(f"prog.py({number}): {line}")
            if "done" in line:
                wanted.append("done")
        self.assertEqual(wanted, self.out_of(program, **changes))

    def test_ways_to_print(self):
        self.check("print('done')",
                   "sys.stdout.write('done\\n')",
                   "sys.stdout.writelines(['done\\n'])",
                   "sys.stdout.buffer.write(b'done\\n')",
                   "sys.stderr.write('done\\n')",
                   "print('done', file=sys.stderr)",
                   "print('done', flush=True)",
                   "sys.stderr.buffer.write(b'done\\n')",
                   "sys.stderr.flush()",
                   "x = 1")

    def test_processes_that_print(self):
        self.check("os.system('echo done')",
                   "subprocess.run(['echo', 'done'])",
                   "subprocess.run('echo done', shell=True)",
                   head="import os, subprocess, sys")

    def test_another_text_file_in_place_of_stdout(self):
        self.check("sys.stdout = io.TextIOWrapper(sys.stdout.buffer, "
                   "encoding='utf-8')",
                   "print('done')",
                   "x = 1",
                   "print('done')")

    def test_an_object_in_place_of_stdout(self):
        lines = self.out_of("import sys\n"
                            "class Tee:\n"
                            "    def write(self, text):\n"
                            "        sys.__stdout__.write(text)\n"
                            "    def flush(self): pass\n"
                            "sys.stdout = Tee()\n"
                            "sys.stdout.write('done\\n')\n"
                            "x = 1\n")
        self.assertEqual(["prog.py(7): sys.stdout.write('done\\n')",
                          "prog.py(4): sys.__stdout__.write(text)",
                          "done", "prog.py(8): x = 1"], lines[-5:-1])

    def test_what_is_redirected_stays_the_programs(self):
        self.check("old, sys.stdout = sys.stdout, io.StringIO()",
                   "print('text')",
                   "text, sys.stdout = sys.stdout.getvalue(), old",
                   "assert text == 'text\\n', text",
                   "print('done')")

    def test_descriptor_1_of_another_file(self):
        self.write("prog.py", "import os\n"
                              "fd = os.open('out', os.O_CREAT | os.O_WRONLY)\n"
                              "os.dup2(fd, 1)\n"
                              "print('done')\n"
                              "for n in range(20000):\n"
                              "    n\n")
        done = self.pytrace("-t", "prog.py")
        self.assertEqual("done\n", (self.scratch / "out").read_text())
        self.assertEqual(1 + 5 + 40000, len(done.out.splitlines()))

    def test_unbuffered(self):
        self.check("print('done')", "x = 1",
                   "sys.stdout.buffer.write(b'done\\n')", "x = 2",
                   "sys.stderr.buffer.write(b'done\\n')", "x = 3",
                   "sys.stderr.write('done\\n')", PYTHONUNBUFFERED="1")

    def test_encoding_of_stdout(self):
        self.write("prog.py", "name = 'Zoë €'\n")
        done = self.run_command(
            support.PYTRACE, "-t", "prog.py", binary=True,
            env=support.environment(PYTHONIOENCODING="latin-1"))
        self.assertEqual((0, b"name = 'Zo\xeb \\u20ac'\n"),
                         (done.status, done.out[done.out.index(b"name = "):]))

    def test_source_in_another_encoding(self):
        self.write("prog.py", "# coding: latin-1\nname = 'Zoë'\n"
                   .encode("latin-1"))
        done = self.pytrace("-t", "prog.py")
        self.assertIn("name = 'Zoë'\n", done.out)


class CombinedTest(Case):

    def setUp(self):
        super().setUp()
        self.write("part.py", "def double(x):\n    return 2 * x\n")
        self.write("prog.py", "import part\nprint(part.double(1))\n")

    def lines(self, *options, program="prog.py"):
        done = self.pytrace(*options, *([program] if program else []))
        self.assertEqual(0, done.status, done.err)
        return lines_of(done.out)

    def test_with_counts_memory_and_a_recording(self):
        lines = self.lines("-t", "-c", "--mem", "-o", "run.pytrace", "-C",
                           "cov")
        self.assertIn("part.py(2): return 2 * x", lines)
        listing, = (self.scratch / "cov").glob("*part.cover")
        self.assertRegex(listing.read_text(), r"    1: .*def double")
        done = self.pytrace("report", "-s", "run.pytrace")
        self.assertIn("part", done.out)

    def test_scope(self):
        self.assertEqual([" --- modulename: prog, funcname: <module>",
                          "prog.py(1): import part",
                          "prog.py(2): print(part.double(1))", "2"],
                         self.lines("-t", "--omit", "part.py"))
        self.assertEqual([" --- modulename: part, funcname: <module>",
                          "part.py(1): def double(x):",
                          " --- modulename: part, funcname: double",
                          "part.py(2): return 2 * x", "2"],
                         self.lines("-t", "--include", "*part.py"))
        lines = self.lines("-t", "--all", "--cmd", "import fractions",
                           program=None)
        self.assertIn(" --- modulename: fractions, funcname: <module>", lines)

    def test_command(self):
        self.assertEqual(
            [" --- modulename: <string>, funcname: <module>",
             "<string>(1): def f():", "<string>(3): exec('1')",
             "<string>(4): f()",
             " --- modulename: <string>, funcname: f",
             "<string>(2): return 'é'"],
            self.lines("-t", "--cmd",
                       "def f():\n    return 'é'\nexec('1')\nf()\n",
                       program=None))

    def test_module(self):
        self.assertEqual([" --- modulename: prog, funcname: <module>",
                          "prog.py(1): import part"],
                         self.lines("-t", "--module", program="prog")[:2])

    def test_other_modes(self):
        lines = self.lines("-t", "-T", "--line-times")
        self.assertIn("part.py(2): return 2 * x", lines)
        self.assertIn("calling relationships:", lines)
        for words, message in [
                (["-t", "-l"], "cannot specify both --listfuncs and "
                               "(--trace or --count)"),
                (["-t", "--calls"],
                 "cannot specify both --trace and --calls")]:
            done = self.pytrace(*words, "prog.py")
            self.assertEqual((2, ""), (done.status, done.out))
            self.assertIn(message, done.err)

    def test_settrace_of_the_program(self):
        self.write("prog.py", "import sys\n"
                              "seen = []\n"
                              "def tracer(frame, event, arg):\n"
                              "    seen.append(event)\n"
                              "    return tracer\n"
                              "def f():\n"
                              "    return 1\n"
                              "sys.settrace(tracer)\n"
                              "f()\n"
                              "sys.settrace(None)\n"
                              "assert seen == ['call', 'line', 'return'], "
                              "seen\n")
        self.lines("-t")

    def test_full_disk(self):
        done = self.run_command("sh", "-c", '"$@" > /dev/full', "sh",
                                support.PYTRACE, "-t", "--cmd", "x = 1")
        self.assertEqual(1, done.status)
        self.assertIn("cannot write to stdout: No space left on device",
                      done.err)

    def test_reader_gone(self):
        done = self.run_command(
            "sh", "-c", '{ "$@"; echo $? > status; } | :', "sh",
            support.PYTRACE, "-t", "--cmd",
            "for i in range(100000):\n    pass")
        self.assertEqual("0\n", (self.scratch / "status").read_text())
        self.assertEqual("", done.err)


if __name__ == "__main__":
    unittest.main()
