"""pip makes a package of the tree, and takes it away again.

The tools of the build are fetched; where no index can be reached it is
skipped.
"""

import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile

from support import PY, Case, environment, fetch
from test_install import shipped

TREE = pathlib.Path(__file__).parents[2]
BESIDE_SOURCES = shutil.ignore_patterns("build", "dist", ".git", ".ci",
                                        "__pycache__")


class PipTest(Case):

    @classmethod
    def setUpClass(cls):
        tools = fetch(cls, "build")
        directory = tempfile.TemporaryDirectory(prefix="pytrace-pip-")
        cls.addClassCleanup(directory.cleanup)
        cls.dist = pathlib.Path(directory.name, "dist")
        tree = pathlib.Path(directory.name, "tree")
        shutil.copytree(TREE, tree, ignore=BESIDE_SOURCES)
        # First an archive of the sources, then a wheel of that.
        subprocess.run(
            [PY, "-m", "build", "--installer", "pip", "--outdir", cls.dist,
             tree], check=True, stdout=subprocess.DEVNULL,
            env=environment(PYTHONPATH=tools))

    def only(self, pattern):
        [path] = self.dist.glob(pattern)
        return path

    def files_below(self, directory):
        return {str(path.relative_to(directory))
                for path in directory.rglob("*")
                if path.suffix != ".pyc" and path.name != "__pycache__"}

    def test_archive_of_the_sources(self):
        with tarfile.open(self.only("pytrace_toolkit-*.tar.gz")) as archive:
            names = {name.partition("/")[2] for name in archive.getnames()}
        for name in ("CMakeLists.txt", "LICENSE", "README.md", "dev",
                     "core/base/buf.c", "docs/format.md", "PKG-INFO",
                     "tests/python/test_install.py"):
            self.assertIn(name, names)
        self.assertFalse([name for name in names if name.endswith(".so")])

    def test_wheel(self):
        wheel = self.only("pytrace_toolkit-*.whl")
        tag = "cp%d%d" % sys.version_info[:2]
        self.assertIn(f"-{tag}-{tag}", wheel.name)
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            [name] = [name for name in names if name.endswith("/METADATA")]
            metadata = archive.read(name).decode()
        self.assertIn("\nName: pytrace-toolkit\n", metadata)
        self.assertNotIn("\nRequires-Dist:", metadata)
        package = {name.removeprefix("pytrace/") for name in names
                   if name.startswith("pytrace/")}
        self.assertLessEqual(shipped(), package)
        self.assertIn("py.typed", package)

    def test_install_run_and_uninstall(self):
        place = self.scratch / "env"
        done = self.python("-m", "venv", "env")
        if done.status != 0:
            self.skipTest("no venv module here")
        before = self.files_below(place)
        pip = place / "bin/pip"
        done = self.run_command(pip, "install", "--no-index",
                                self.only("*.whl"))
        self.assertEqual(0, done.status, done.err)
        self.write("prog.py", "import sys\nkept = bytearray(100000)\n"
                   "for n in range(3):  # hits: 4\n    x = n  # hits: 3\n"
                   "print(sys.prefix)\n")
        for words in [place / "bin/pytrace"], [place / "bin/python", "-m",
                                               "pytrace"]:
            done = self.run_command(*words, "--count", "--mem", "prog.py",
                                    env=environment(PATH="/bin"))
            self.assertEqual(0, done.status, done.err)
            self.assertEqual(str(place), done.out.splitlines()[0])
            self.assertRegex(done.out, r"prog.py:2: size=9[78]\.\d KiB")
            self.check_hits("prog")
        done = self.run_command(pip, "uninstall", "-y", "pytrace-toolkit")
        self.assertEqual(0, done.status, done.err)
        self.assertEqual(before, self.files_below(place))


if __name__ == "__main__":
    unittest.main()
