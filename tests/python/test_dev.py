"""./dev on machines where something is missing: it names that, and stops.

The machine is a directory that is all of PATH; what is played there is id,
apt-get and sudo.
"""

import os
import pathlib
import shutil
import unittest

from support import PY, Case

DEV = pathlib.Path(__file__).parents[2] / "dev"
TOOLS = ("sh", "env", "sed", "sort", "head", "dirname", "cat", "nproc",
         "true")
USAGE = "\nusage: ./dev VERB [options]\n"


class DevCase(Case):

    def setUp(self):
        super().setUp()
        (self.scratch / "bin").mkdir()
        for tool in TOOLS:
            (self.scratch / "bin" / tool).symlink_to(shutil.which(tool))
        self.play("python3", f'exec "{PY}" "$@"')
        self.play("id", "echo 1000")

    def play(self, name, commands):
        self.write(f"bin/{name}", f"#!/bin/sh\n{commands}\n")
        (self.scratch / "bin" / name).chmod(0o755)

    def dev(self, *words):
        return self.run_command(
            DEV, *words, env={"PATH": str(self.scratch / "bin"),
                              "SCRATCH": str(self.scratch)})

    def check_named(self, done):
        """What is missing is named, then how to install it: the packages."""
        self.assertEqual((1, ""), (done.status, done.out))
        *_, missing, how, command = done.err.splitlines()
        self.assertTrue(missing.startswith("dev: this is missing here: "),
                        done.err)
        self.assertIn("names of Debian packages", how)
        packages = missing.partition(": this is missing here: ")[2]
        self.assertEqual(f"    sudo apt-get install {packages}", command)
        for package in "gcc", "cmake", "ninja-build", "protobuf-c-compiler":
            self.assertIn(package, packages.split())
        return packages.split()


class MissingTest(DevCase):

    def test_without_apt(self):
        for verb in "demo", "build", "env", "bench":
            self.check_named(self.dev(verb))
        packages = self.check_named(self.dev("test"))
        self.assertLessEqual({"clang-format", "lcov"}, set(packages))

    def test_without_the_right_to_install(self):
        self.play("apt-get", 'echo "$@" >>"$SCRATCH/asked"')
        self.check_named(self.dev("build"))
        self.play("sudo", "exit 1")
        self.check_named(self.dev("build"))
        self.assertFalse((self.scratch / "asked").exists())

    def test_without_network(self):
        self.play("apt-get", 'echo "E: no network: $@" >&2; exit 100')
        self.play("id", "echo 0")
        for verb in "demo", "build", "env", "bench":
            done = self.dev(verb)
            self.check_named(done)
            self.assertTrue(done.err.startswith("dev: installing "))
            self.assertIn("E: no network: update", done.err)

    def test_packages_that_cannot_be_installed(self):
        self.play("apt-get", '[ "$1" = update ] || '
                             '{ echo "E: cannot: $@" >&2; exit 100; }')
        self.play("sudo", 'shift; exec "$@"')
        done = self.dev("build")
        packages = self.check_named(done)
        self.assertIn("E: cannot: install -qq -y --no-install-recommends "
                      + " ".join(packages), done.err)


class PythonsTest(DevCase):

    def check_refused(self, *words, named):
        done = self.dev(*words)
        self.assertEqual((1, ""), (done.status, done.out))
        self.assertEqual(f"dev: {named} is no CPython >= 3.11\n", done.err)

    def test_what_is_no_python(self):
        self.write("text", "no program")
        for path in "/bin/ls", "/no/such", "no-such", str(self.scratch
                                                          / "text"):
            self.check_refused("build", "--python", path, named=f"'{path}'")
            self.check_refused("demo", f"--python={path}", named=f"'{path}'")

    def test_old_python(self):
        old = pathlib.Path(os.path.expanduser("~/.pyenv/versions"))
        paths = [path for version in ("2.7*", "3.8*", "3.10*")
                 for path in old.glob(version + "/bin/python")]
        if not paths:
            self.skipTest("no old Python here")
        for path in paths:
            self.check_refused("test", "--python", str(path),
                               named=f"'{path}'")


class UsageTest(DevCase):

    def test_help(self):
        for words in ["help"], ["--help"], []:
            done = self.dev(*words)
            self.assertEqual((0, ""), (done.status, done.err))
            self.assertTrue(done.out.startswith(USAGE[1:]))

    def test_misuse(self):
        for words, told in ((["frob"], "unknown verb 'frob'"),
                            (["build", "--frob"], "unknown option '--frob'"),
                            (["test", "--python"], "--python needs a value"),
                            (["build", "--preset"],
                             "--preset needs a value")):
            done = self.dev(*words)
            self.assertEqual((2, ""), (done.status, done.out))
            self.assertTrue(done.err.startswith(f"dev: {told}{USAGE}"),
                            done.err)


if __name__ == "__main__":
    unittest.main()
