"""Which interpreter runs the program."""

import os
import sysconfig
import unittest

from support import PY, PYTRACE, Case, environment

SHOW = "import sys; print(sys.executable, sys.prefix, sys.version_info[:2])"
OTHERS = os.path.expanduser("~/.pyenv/versions")


def other_python(wanted):
    """The path of another Python that is on this machine, or None."""
    for name in sorted(os.listdir(OTHERS)) if os.path.isdir(OTHERS) else []:
        path = f"{OTHERS}/{name}/bin/python"
        if wanted(tuple(map(int, name.split(".")[:2]))) and (
                os.path.exists(path)):
            return path
    return None


class InterpreterTest(Case):

    def setUp(self):
        super().setUp()
        self.write("show.py", SHOW + "\n")

    def test_the_one_it_was_made_for(self):
        done = self.pytrace("--count", "show.py")
        self.assertEqual(self.python("show.py").out, done.out)

    def test_by_path(self):
        done = self.pytrace("--count", "--python", PY, "show.py")
        self.assertEqual(self.python("show.py").out, done.out)

    def test_by_relative_path(self):
        (self.scratch / "here").symlink_to(PY)
        plain = self.run_command(self.scratch / "here", "show.py")
        if plain.status != 0:
            self.skipTest("this Python needs to be called by its own name")
        done = self.pytrace("--count", "--python", "./here", "show.py")
        self.assertEqual(0, done.status, done.err)

    def test_by_name(self):
        env = environment(PATH=os.path.dirname(PY) + ":/usr/bin:/bin")
        done = self.pytrace("--count", "--python", os.path.basename(PY),
                            "show.py", env=env)
        self.assertEqual(0, done.status, done.err)
        self.assertEqual(self.python("show.py").out, done.out)

    def test_by_a_script_that_chooses(self):
        # As pyenv's shims do.
        self.write("shim", f'#!/bin/sh\nexec "{PY}" "$@"\n')
        (self.scratch / "shim").chmod(0o755)
        done = self.pytrace("--count", "--python", "./shim", "show.py")
        self.assertEqual(0, done.status, done.err)
        self.assertEqual(self.python("show.py").out, done.out)

    def test_by_a_script_that_takes_another(self):
        other = other_python(lambda version: version < (3, 11))
        if other is None:
            self.skipTest("no old Python here")
        self.write("shim", f'#!/bin/sh\nexec "{other}" "$@"\n')
        (self.scratch / "shim").chmod(0o755)
        done = self.pytrace("--count", "--python", "./shim", "show.py")
        self.check_refused(done, other)

    def check_refused(self, done, *named):
        self.assertIn(done.status, (1, 2), done.err)
        self.assertEqual("", done.out)
        first = done.err.splitlines()[0]
        self.assertTrue(first.startswith("pytrace: "), done.err)
        for name in named:
            self.assertIn(name, done.err)
        self.assertNotIn("Traceback", done.err)

    def test_missing(self):
        for name in "no-such-python", "./no/such", "/no/such":
            done = self.pytrace("--count", "--python", name, "show.py")
            self.check_refused(done, f"'{name}'", "No such file")
            self.assertEqual(2, done.status)

    def test_none_is_at_fault_when_descriptors_run_out(self):
        # One limit is hit at the pipe, others before it or in the interpreter.
        said = ""
        for limit in range(4, 10):
            done = self.run_command(
                "sh", "-c", f'ulimit -n {limit}; exec "$0" "$@"',
                PYTRACE, "--count", "--python", PY, "show.py")
            self.assertIn(done.status, (0, 1), done.err)
            said += done.err
        self.assertIn("cannot make a pipe to the program: Too many open files",
                      said)

    def test_what_is_no_program(self):
        self.write("data", "no program")
        done = self.pytrace("--count", "--python", "./data", "show.py")
        self.check_refused(done, "'./data'", "Permission denied")
        done = self.pytrace("--count", "--python", "/tmp", "show.py")
        self.check_refused(done, "'/tmp'")
        (self.scratch / "data").chmod(0o755)
        done = self.pytrace("--count", "--python", "./data", "show.py")
        self.check_refused(done, "./data")

    def test_what_is_no_python(self):
        done = self.pytrace("--count", "--python", "/bin/true", "show.py")
        self.assertEqual(1, done.status)
        self.assertIn("'/bin/true'", done.err)
        self.assertIn("CPython >= 3.11", done.err)
        done = self.pytrace("--count", "--python", "/bin/ls", "show.py")
        self.assertNotEqual(0, done.status)
        self.assertIn("'/bin/ls'", done.err)

    def test_old_pythons(self):
        found = 0
        for version in "2.7.18", "3.6.15", "3.8.18", "3.10.13":
            path = f"{OTHERS}/{version}/bin/python"
            if os.path.exists(path):
                found += 1
                done = self.pytrace("--count", "--python", path, "show.py")
                self.check_refused(done, "CPython 3.11", "--python", version
                                   .rpartition(".")[0])
        if not found:
            self.skipTest("no old Python here")

    def test_python_without_our_extension(self):
        own = f"{sysconfig.get_config_var('py_version_nodot')}"
        other = other_python(lambda version: version >= (3, 11) and (
            "%d%d" % version != own))
        if other is None:
            self.skipTest("no other Python here")
        done = self.pytrace("--count", "--python", other, "show.py")
        self.check_refused(done, "no extension module", "pip install")

    def test_virtual_environment(self):
        done = self.python("-m", "venv", "--without-pip", "env")
        if done.status != 0:
            self.skipTest("no venv module here")
        inside = str(self.scratch / "env/bin/python")
        plain = self.run_command(inside, "show.py")
        env = environment(VIRTUAL_ENV=str(self.scratch / "env"))
        done = self.pytrace("--count", "show.py", env=env)
        self.assertEqual(plain.out, done.out)
        # What is asked for goes first.
        done = self.pytrace("--count", "--python", PY, "show.py", env=env)
        self.assertEqual(self.python("show.py").out, done.out)
        done = self.pytrace("--count", "show.py", env=environment(
            VIRTUAL_ENV="/no/such/env"))
        self.check_refused(done, "/no/such/env", "VIRTUAL_ENV")
        done = self.pytrace("--count", "show.py", env=environment(
            VIRTUAL_ENV=""))
        self.assertEqual(0, done.status)

    def test_other_implementation(self):
        done = self.python("-m", "venv", "--without-pip", "env")
        if done.status != 0:
            self.skipTest("no venv module here")
        inside = str(self.scratch / "env/bin/python")
        place = self.run_command(inside, "-c", "import sysconfig; "
                                 "print(sysconfig.get_path('purelib'))")
        # Read before our boot module runs.
        (self.scratch / place.out.strip() / "plays.pth").write_text(
            "import sys; sys.implementation.name = 'pypy'\n")
        done = self.pytrace("--count", "--mem", "--python", inside,
                            "show.py")
        self.check_refused(done, f"'{inside}' is pypy 3.", "CPython 3.11",
                           "--python")

    def test_isolated_python_says_why_not(self):
        self.write("shim", f'#!/bin/sh\nexec "{PY}" -I "$@"\n')
        (self.scratch / "shim").chmod(0o755)
        done = self.pytrace("--count", "--python", "./shim", "show.py")
        self.assertEqual(1, done.status)
        self.assertIn("did not start pytrace", done.err)

    def test_program_found_on_path(self):
        env = environment()
        env["PATH"] = os.path.dirname(PYTRACE) + ":" + env["PATH"]
        done = self.run_command("sh", "-c", "pytrace --count show.py",
                                env=env)
        self.assertEqual(self.python("show.py").out, done.out)
        (self.scratch / "link").symlink_to(PYTRACE)
        done = self.run_command(self.scratch / "link", "--count", "show.py")
        self.assertEqual(self.python("show.py").out, done.out)

    def test_nothing_is_left_behind(self):
        before = sorted(os.listdir(self.scratch))
        self.pytrace("--mem", "show.py")
        self.assertEqual(before, sorted(os.listdir(self.scratch)))
        self.assertNotIn("pytrace", " ".join(os.listdir("/dev/shm")))


if __name__ == "__main__":
    unittest.main()
