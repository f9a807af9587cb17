"""The program sees, and shows, what it would under plain Python."""

import os
import pty
import re
import select
import subprocess
import unittest
import zipfile

from support import CHATTER, PY, PYTRACE, Case, environment

OPTIONS = ["--count", "-C", "cover"]


class NativeCase(Case):

    def same(self, *words, before=(), **options):
        """`PY words` and `pytrace words` cannot be told apart; Python's
        status, stdout and stderr. `before` are pytrace's words for them."""
        plain = self.python(*words, **options)
        before = before or words
        ours = self.pytrace(*OPTIONS, *before, **options)
        self.assertEqual(self.steady(plain.out), self.steady(ours.out))
        self.assertEqual(self.steady(plain.err),
                         self.steady(self.without_report(ours.err)))
        self.assertEqual(plain.status, ours.status)
        return plain

    def steady(self, text):
        """A text without the addresses in it, which differ by the run."""
        return re.sub(r" at 0x[0-9a-f]+", " at 0x...", text)

    def without_report(self, err):
        """Stderr without what pytrace said after the program."""
        lines = CHATTER.sub("", err).splitlines(keepends=True)
        while lines and lines[-1].startswith(
                ("pytrace: the program ", "pytrace: no listing of ")):
            lines.pop()
        return "".join(lines)


class SurroundingsTest(NativeCase):
    """What a program can look at."""

    def setUp(self):
        super().setUp()
        self.copy("shows_itself.py")

    def test_script(self):
        plain = self.same("shows_itself.py", "a", "", "--count", "ä",
                          input="some input\n")
        self.assertIn("some input", plain.out)
        self.assertIn("is main", plain.out)

    def test_script_by_path(self):
        self.same("./shows_itself.py")
        self.same(self.scratch / "shows_itself.py")
        self.write("deep/er/x", "")
        self.same("../../shows_itself.py", cwd=self.scratch / "deep/er")

    def test_script_by_symbolic_link(self):
        self.write("elsewhere/x", "")
        (self.scratch / "elsewhere/link.py").symlink_to(
            self.scratch / "shows_itself.py")
        self.same("elsewhere/link.py")

    def test_script_without_suffix_and_with_odd_name(self):
        for name in "tool", "with blank.py", "ünïcode.py", "-dash.py":
            (self.scratch / name).write_bytes(
                (self.scratch / "shows_itself.py").read_bytes())
            self.same(*(["--"] if name[0] == "-" else []), name)

    def test_module(self):
        self.same("-m", "shows_itself", "x", before=[
            "--module", "shows_itself", "x"])

    def test_package(self):
        for name in "pkg/__init__.py", "pkg/sub/__init__.py":
            self.write(name, "print(__name__, __file__, __spec__)\n")
        text = (self.scratch / "shows_itself.py").read_text()
        self.write("pkg/__main__.py", text)
        self.write("pkg/mod.py", text)
        self.write("pkg/sub/leaf.py", "from .. import sub\n" + text)
        for name in "pkg", "pkg.mod", "pkg.sub.leaf", "pkg.missing", "gone":
            self.same("-m", name, "x", before=["--module", name, "x"])

    def test_command(self):
        text = (self.scratch / "shows_itself.py").read_text()
        self.same("-c", text, "x", "-m", before=["--cmd", text, "x", "-m"])
        self.same("-c", "-1", before=["--cmd=-1"])

    def test_stdin(self):
        text = (self.scratch / "shows_itself.py").read_text()
        self.same("-", "x", input=text)

    def test_directory(self):
        (self.scratch / "app").mkdir()
        (self.scratch / "shows_itself.py").rename(
            self.scratch / "app/__main__.py")
        self.same("app", "x")
        self.same("app/", "x")

    def test_zip_file(self):
        with zipfile.ZipFile(self.scratch / "app.pyz", "w") as archive:
            archive.write(self.scratch / "shows_itself.py", "__main__.py")
            archive.writestr("inside.py", "value = 1\n")
        self.same("app.pyz", "x")

    def test_compiled_program(self):
        self.python("-c", "import py_compile; py_compile.compile("
                    "'shows_itself.py', 'compiled.pyc')")
        self.same("compiled.pyc", "x")

    def test_environment_for_python(self):
        self.write("lib/used.py", "value = 1\n")
        changes = [
            {"PYTHONPATH": "lib:other"},
            {"PYTHONPATH": ""},
            {"PYTHONPATH": str(self.scratch / "lib"),
             "PYTHONWARNINGS": "error::FutureWarning"},
            {"PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            {"PYTHONHASHSEED": "7", "PYTHONUTF8": "1"},
            {"PYTHONDEVMODE": "1"},
            {"PYTHONUNBUFFERED": "1", "PYTHONOPTIMIZE": "2"},
            {"PYTHONNOUSERSITE": "1", "PYTHONIOENCODING": "latin-1"},
            {"PYTHONFAULTHANDLER": "1", "PYTHONVERBOSE": ""},
        ]
        for change in changes:
            with self.subTest(**change):
                self.same("shows_itself.py", env=environment(**change))

    def test_sitecustomize_of_the_user(self):
        self.write("site/sitecustomize.py",
                   "import sys; print('mine', __name__, __file__)\n"
                   "sys.mine = 1\n")
        env = environment(PYTHONPATH=str(self.scratch / "site"))
        plain = self.same("shows_itself.py", env=env)
        self.assertIn("mine sitecustomize", plain.out)

    def test_sitecustomize_that_fails(self):
        env = environment(PYTHONPATH=str(self.scratch / "site"))
        for text in ("import nothing_of_the_kind\n", "1 / 0\n", "x = (\n",
                     "class E(Exception): pass\nraise E('why')\n"):
            self.write("site/sitecustomize.py", text)
            with self.subTest(text=text):
                done = self.same("shows_itself.py", env=env)
                self.assertIn("Error in sitecustomize", done.err)
                self.assertTrue(
                    (self.scratch / "cover/shows_itself.cover").exists())

    def test_sitecustomize_that_ends_python(self):
        self.write("site/sitecustomize.py", "import sys; sys.exit(5)\n")
        done = self.pytrace(*OPTIONS, "shows_itself.py", env=environment(
            PYTHONPATH=str(self.scratch / "site")))
        self.assertEqual((1, ""), (done.status, done.out))
        self.assertIn("init_import_site", done.err)
        self.assertIn("pytrace: nothing was recorded", done.err)

    def test_usercustomize(self):
        self.write("site/usercustomize.py", "print('user', __file__)\n")
        self.same("shows_itself.py", env=environment(
            PYTHONPATH=str(self.scratch / "site")))


class EndsTest(NativeCase):
    """How programs end."""

    def test_statuses(self):
        for argument in ("", "0", "3", "255", "256", "-1", "True", "None",
                         "'some text'", "('a', 1)", "2 ** 70", "1.5"):
            code = f"import sys; print('out'); sys.exit({argument})\n"
            self.write("exits.py", code)
            with self.subTest(argument=argument):
                self.same("exits.py")

    def test_uncaught_exceptions(self):
        for text in ("def f(x):\n    return 1 / x\nf(0)\n",
                     "raise KeyboardInterrupt\n",
                     "raise SystemExit('why')\n",
                     "try:\n    1 / 0\nfinally:\n    [][1]\n",
                     "try:\n    1 / 0\nexcept Exception as e:\n"
                     "    raise KeyError('ä') from e\n",
                     "raise ExceptionGroup('g', [ValueError(1)])\n",
                     "import sys\nsys.excepthook = lambda *a: print('h')\n"
                     "1 / 0\n",
                     "class E(BaseException): pass\nraise E\n",
                     "def f():\n    f()\nf()\n"):
            self.write("raises.py", text)
            with self.subTest(text=text):
                done = self.same("raises.py")
                self.assertTrue(done.err or done.out)

    def test_syntax_errors(self):
        for text in ("x = (1,\n", "def f(:\n", "\tx = 1\n  y = 2\n",
                     "return 1\n", "x = '\n", "print 'a'\n"):
            self.write("wrong.py", text)
            with self.subTest(text=text):
                done = self.same("wrong.py")
                self.assertEqual(1, done.status)
        self.write("wrong.py", b"x = '\xff'\n")
        self.same("wrong.py")
        self.write("wrong.py", b"# coding: nothing\nx = 1\n")
        self.same("wrong.py")
        self.write("wrong.py", b"x = 1\0\n")
        self.same("wrong.py")

    def test_syntax_error_in_a_module(self):
        self.write("broken.py", "x = = 1\n")
        self.write("imports.py", "import broken\n")
        self.same("imports.py")

    def test_order_at_the_end(self):
        self.copy("ends_in_order.py")
        done = self.same("ends_in_order.py")
        self.assertIn("finalize", done.out)
        self.assertIn("at the end", done.err)

    def test_warnings(self):
        self.write("warns.py", "import warnings\ndef f():\n"
                   "    warnings.warn('a')\nfor i in range(3): f()\n"
                   "assert (1, 'x')\nx = 1 is 1\nopen('warns.py')\n")
        self.same("warns.py")
        self.same("warns.py", env=environment(PYTHONWARNINGS="error"))
        self.same("warns.py", env=environment(PYTHONDEVMODE="1"))

    def test_stdout_closed(self):
        self.write("prints.py", "print('a' * 100000)\n")
        seen = []
        for words in [PY, "prints.py"], [PYTRACE, *OPTIONS, "prints.py"]:
            process = subprocess.Popen(
                words, cwd=self.scratch, env=environment(),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            process.stdout.close()
            err = process.stderr.read().decode()
            process.stderr.close()
            seen.append((process.wait(), self.without_report(err)))
        self.assertIn("BrokenPipeError", seen[0][1])
        self.assertEqual(*seen)

    def test_without_standard_files(self):
        self.write("blind.py", "import sys, os\n"
                   "os.write(os.open('seen', os.O_CREAT | os.O_WRONLY),"
                   "repr([sys.stdin, sys.stdout, sys.stderr]).encode())\n")
        seen = []
        for words in ([PY, "blind.py"], [PYTRACE, *OPTIONS, "blind.py"]):
            self.run_command("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh",
                             *words)
            seen.append((self.scratch / "seen").read_text())
            (self.scratch / "seen").unlink()
        self.assertEqual(*seen)
        self.assertTrue((self.scratch / "cover/blind.cover").exists())


class TerminalTest(NativeCase):
    """A program that has a terminal keeps it."""

    def on_terminal(self, *words, answer=b""):
        """Run on a terminal of its own: (status, what was shown)."""
        pid, master = pty.fork()
        if pid == 0:
            try:
                os.chdir(self.scratch)
                os.execve(words[0], words, environment())
            finally:
                os._exit(126)
        if answer:
            os.write(master, answer)
        shown = b""
        while True:
            ready = select.select([master], [], [], 60)[0]
            try:
                piece = os.read(master, 65536) if ready else b""
            except OSError:
                piece = b""
            if not piece:
                break
            shown += piece
        os.close(master)
        status = os.waitpid(pid, 0)[1]
        return os.waitstatus_to_exitcode(status), shown.decode()

    def test_terminal(self):
        self.copy("shows_itself.py")
        plain = self.on_terminal(PY, "shows_itself.py", answer=b"typed\n\x04")
        ours = self.on_terminal(PYTRACE, *OPTIONS, "shows_itself.py",
                                answer=b"typed\n\x04")
        self.assertIn("stdin True True", plain[1])
        self.assertEqual(plain[0], ours[0])
        self.assertEqual(
            self.steady(plain[1].replace("\r\n", "\n")),
            self.steady(CHATTER.sub("", ours[1].replace("\r\n", "\n"))))

    def test_job_control(self):
        self.write("group.py", "import os\nprint(os.getpgrp() =="
                   " os.tcgetpgrp(0), os.getsid(0) == os.getpgrp())\n")
        plain = self.on_terminal(PY, "group.py")
        ours = self.on_terminal(PYTRACE, *OPTIONS, "group.py")
        self.assertEqual(plain[1].strip(), ours[1].splitlines()[0].strip())

    def test_interactive_input(self):
        self.write("asks.py", "name = input('who? ')\nprint('hi', name)\n")
        status, shown = self.on_terminal(PYTRACE, *OPTIONS, "asks.py",
                                         answer=b"me\n")
        self.assertEqual(0, status)
        self.assertIn("hi me", shown)


class MemoryTest(NativeCase):
    """The same with both engines on."""

    def test_script_and_ends(self):
        for program in "shows_itself.py", "ends_in_order.py":
            self.copy(program)
            plain = self.python(program, "a", "b")
            ours = self.pytrace("--mem", "--count", program, "a", "b")
            self.assertEqual(
                self.steady(plain.out),
                self.steady(ours.out.partition("\nmemory at the end")[0]))
            self.assertEqual(self.steady(plain.err),
                             self.steady(self.without_report(ours.err)))


if __name__ == "__main__":
    unittest.main()
