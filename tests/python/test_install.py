"""What `cmake --install` puts into a prefix is all that pytrace needs."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from support import PY, PYTRACE, Case, environment

BUILD = pathlib.Path(PYTRACE).parent.parent
SOURCES = pathlib.Path(__file__).parents[2] / "python" / "pytrace"
VERSION = "python%d.%d" % sys.version_info[:2]
SITE = pathlib.Path("lib", VERSION, "site-packages")


def shipped():
    """The names of the package's files in the source tree."""
    return {str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*")
            if path.suffix in (".py", ".pyi") or path.name == "py.typed"}


@unittest.skipUnless(shutil.which("cmake"), "no cmake here")
class InstallTest(Case):

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="pytrace-install-")
        cls.addClassCleanup(directory.cleanup)
        cls.kept = pathlib.Path(os.path.realpath(directory.name)) / "prefix"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", cls.kept],
                       check=True, stdout=subprocess.DEVNULL)

    def setUp(self):
        super().setUp()
        self.prefix = self.scratch / "moved here"
        shutil.copytree(self.kept, self.prefix)
        self.write("prog.py", "import sys\nkept = bytearray(100000)\n"
                   "for n in range(3):  # hits: 4\n    x = n  # hits: 3\n"
                   "print(sys.prefix, sys.argv[1:])\n")

    def check_run(self, done, prefix):
        self.assertEqual(0, done.status, done.err)
        self.assertEqual(f"{prefix} ['--count']", done.out.splitlines()[0])
        self.assertRegex(done.out, r"prog.py:2: size=9[78]\.\d KiB")
        self.check_hits("prog")

    def test_files(self):
        files = {str(path.relative_to(self.prefix))
                 for path in self.prefix.rglob("*") if not path.is_dir()}
        package = {name for name in files if name != "bin/pytrace"}
        self.assertIn("bin/pytrace", files)
        names = {str(pathlib.Path(name).relative_to(SITE / "pytrace"))
                 for name in package}
        libraries = {name for name in names if name.endswith(".so")}
        self.assertEqual(shipped(), names - libraries)
        self.assertLessEqual(
            {name.partition(".")[0] for name in libraries},
            {"_pytrace", "libpytrace_native"})

    def test_program_in_any_prefix(self):
        done = self.pytrace_at(self.prefix / "bin/pytrace")
        self.check_run(done, self.plain_prefix())

    def test_module_in_any_prefix(self):
        done = self.run_command(
            PY, "-m", "pytrace", "--count", "--mem", "prog.py", "--count",
            env=environment(PYTHONPATH=str(self.prefix / SITE)))
        self.check_run(done, self.plain_prefix())

    def test_in_a_virtual_environment(self):
        done = self.python("-m", "venv", "--without-pip", "env")
        if done.status != 0:
            self.skipTest("no venv module here")
        shutil.copytree(self.prefix, self.scratch / "env",
                        dirs_exist_ok=True)
        # Neither activated nor named: it lies beside its interpreter.
        done = self.pytrace_at(self.scratch / "env/bin/pytrace")
        self.check_run(done, self.scratch / "env")
        done = self.run_command(
            self.scratch / "env/bin/python", "-m", "pytrace", "--count",
            "--mem", "prog.py", "--count")
        self.check_run(done, self.scratch / "env")

    def test_where_the_interpreter_of_the_build_is_gone(self):
        program = self.prefix / "bin/pytrace"
        directory, name = os.path.split(PY)
        built_for = PY.encode() + b"\0"
        gone = f"/{'x' * (len(directory) - 1)}/{name}\0".encode()
        self.assertIn(built_for, program.read_bytes())
        program.write_bytes(program.read_bytes().replace(built_for, gone))
        self.write("bin/python3", f'#!/bin/sh\nexec "{PY}" "$@"\n')
        (self.scratch / "bin/python3").chmod(0o755)
        words = [program, "--count", "--mem", "prog.py", "--count"]
        done = self.run_command(*words, env=environment(
            PATH=f"/no/such:{self.scratch}/bin"))
        self.check_run(done, self.plain_prefix())
        done = self.run_command(*words, env=environment(PATH="/no/such"))
        self.assertEqual((1, ""), (done.status, done.out))
        self.assertRegex(done.err, "^pytrace: cannot find a Python .* no "
                         "python3 on PATH; choose one with --python\n")

    def pytrace_at(self, program):
        return self.run_command(program, "--count", "--mem", "prog.py",
                                "--count", env=environment(PATH="/bin"))

    def plain_prefix(self):
        return self.python("-c", "import sys; print(sys.prefix)").out.strip()


if __name__ == "__main__":
    unittest.main()
