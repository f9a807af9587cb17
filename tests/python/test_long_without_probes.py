"""A build for a Python whose bytecode nobody has described yet."""

import pathlib
import shutil
import subprocess
import sys
import unittest

from support import PY, Case, environment

CALLBACK_ENGINE = "monitoring" if hasattr(sys, "monitoring") else "settrace"
ROOT = pathlib.Path(__file__).resolve().parents[2]


@unittest.skipUnless(shutil.which("cmake"), "there is no CMake to build with")
class WithoutProbesTest(Case):

    def build(self):
        for words in (["--preset", "dev", "-S", ROOT, "-B", self.scratch,
                       "-DPT_TESTS=", "-DPT_WITHOUT_PROBES=ON",
                       f"-DPython3_EXECUTABLE={PY}"],
                      ["--build", self.scratch, "-j", "2"]):
            done = subprocess.run(["cmake", *words], cwd=ROOT,
                                  env=environment(LD_PRELOAD=None),
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            self.assertEqual(0, done.returncode, done.stdout)
        return self.scratch / "bin" / "pytrace"

    def test_callbacks_count(self):
        pytrace = self.build()
        self.copy("statements.py")
        done = self.run_command(pytrace, "--python", PY, "--count",
                                "statements.py")
        self.assertEqual(0, done.status, done.err)
        self.assertIn(f"pytrace: counting lines by {CALLBACK_ENGINE}, not by "
                      "probe: the bytecode of this interpreter is not known\n",
                      done.err)
        self.python("-m", "trace", "--count", "-C", "wanted", "statements.py")
        wanted = self.scratch / "wanted" / "statements.cover"
        self.assertEqual(wanted.read_text(), self.listing("statements"))


if __name__ == "__main__":
    unittest.main()
