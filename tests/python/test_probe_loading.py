"""However code is loaded, its lines are counted; and nobody can tell."""

import py_compile
import shutil
import sys
import unittest
import zipfile

from support import PROGRAMS, PY, PYTRACE, Case, environment

CALLBACK_ENGINE = "monitoring" if hasattr(sys, "monitoring") else "settrace"
LOADED = "part"


class LoadingCase(Case):

    def setUp(self):
        super().setUp()
        shutil.copytree(PROGRAMS / "loading", self.scratch,
                        dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("__pycache__"))

    def listings(self, *words):
        """Run a command: what it did, and {name: text} of its listings."""
        shutil.rmtree(self.scratch / "cover", ignore_errors=True)
        done = self.run_command(*words)
        self.assertEqual(0, done.status, done.err)
        return done, {path.stem: path.read_text()
                      for path in (self.scratch / "cover").iterdir()}

    def check(self, *program, names, unlike=()):
        """Output and listings by either engine are those of `trace`.

        Of `names` each has a listing; those of `unlike` are not compared.
        """
        plain = self.python(*["-m" if word == "--module" else word
                              for word in program])
        self.assertEqual(0, plain.status, plain.err)
        _, wanted = self.listings(PY, "-m", "trace", "--count", "-C", "cover",
                                  *program)
        for engine in "probe", CALLBACK_ENGINE:
            with self.subTest(engine=engine):
                done, found = self.listings(*self.pytrace_words(engine),
                                            *program)
                self.assertEqual(plain.out, done.out)
                self.assertQuiet(done)
                for name in names:
                    self.assertTrue(any(stem.endswith(name)
                                        for stem in found), found.keys())
                compared = found.keys() - set(unlike)
                self.assertEqual({name: wanted.get(name) for name in compared},
                                 {name: found[name] for name in compared})

    def pytrace_words(self, engine):
        return [PYTRACE, "--count", "-C", "cover", "--engine",
                engine]


class ManyWays(LoadingCase):

    def test_import(self):
        self.check("by_import.py", names=["by_import", LOADED])

    def test_runpy(self):
        self.check("by_runpy.py", names=["by_runpy", LOADED,
                                         "pack.__main__"])

    def test_module_of_a_package(self):
        # `trace` has imported the package before it counts.
        self.check("--module", "pack", names=["pack.__main__"],
                   unlike=["pack.__init__"])
        listing = self.scratch / "cover" / "pack.__init__.cover"
        self.assertIn("    2:     return text.title()", listing.read_text())

    def test_directory(self):
        self.write("main/__main__.py", "import part  # hits: 1\n")
        shutil.copy(self.scratch / "part.py", self.scratch / "main")
        _, found = self.listings(*self.pytrace_words("probe"), "main")
        self.assertIn("    1: import part", found["__main__"])
        self.assertIn("    7:             if number % 2:",
                      found["part"])

    def test_lazy_loader(self):
        self.check("by_lazy_loader.py", names=["by_lazy_loader", LOADED])

    def test_own_hooks(self):
        self.check("by_own_hooks.py", names=["by_own_hooks", LOADED])

    def test_exec_eval_and_functions_by_hand(self):
        self.check("by_exec.py", names=["by_exec", LOADED])

    def test_frozen(self):
        self.check("by_frozen.py", names=["by_frozen"])


class Files(LoadingCase):
    """Where the source is not what is loaded, or not alone."""

    def compile_parts(self, target):
        """Sourceless: only the .pyc, in `lib`."""
        (self.scratch / "lib").mkdir()
        py_compile.compile(self.scratch / "part.py", doraise=True,
                           cfile=self.scratch / "lib" / target,
                           dfile=str(self.scratch / "part.py"))

    def wanted_listing(self):
        self.write("plain.py", "import part\n")
        _, found = self.listings(PY, "-m", "trace", "--count", "-C", "cover",
                                 "plain.py")
        return next(text for name, text in found.items()
                    if name.endswith(LOADED))

    def check_loaded(self, program):
        wanted = self.wanted_listing()
        self.write("loads.py", program)
        done, found = self.listings(*self.pytrace_words("probe"), "loads.py")
        self.assertQuiet(done)
        self.assertIn(wanted, found.values())

    def test_sourceless_file(self):
        self.compile_parts("part.pyc")
        self.check_loaded("import sys\nsys.path.insert(0, 'lib')\n"
                          "import part\nassert part.__file__[-1] == 'c'\n")

    def test_zip_of_compiled_files(self):
        self.compile_parts("part.pyc")
        with zipfile.ZipFile(self.scratch / "lib.zip", "w") as archive:
            archive.write(self.scratch / "lib/part.pyc", "part.pyc")
        self.check_loaded("import sys\nsys.path.insert(0, 'lib.zip')\n"
                          "import part\nassert '.zip' in part.__file__\n")

    def test_zip_of_sources(self):
        with zipfile.ZipFile(self.scratch / "lib.zip", "w") as archive:
            archive.write(self.scratch / "part.py", "part.py")
        self.write("loads.py", "import sys\nsys.path.insert(0, 'lib.zip')\n"
                   "import part\nassert '.zip' in part.__file__\n")
        # `trace` stops at this one with an error, and writes nothing.
        done, found = self.listings(*self.pytrace_words("probe"), "loads.py")
        self.assertEqual(["loads"], list(found))
        self.assertIn("no listing of 'lib.zip/part.py': its code did not come "
                      "from a file", done.err)

    def pyc_files(self, *words):
        """Run with fresh caches: {name: bytes} of the files written."""
        shutil.rmtree(self.scratch / "caches", ignore_errors=True)
        env = environment(PYTHONPYCACHEPREFIX=self.scratch / "caches")
        done = self.run_command(*words, env=env)
        self.assertEqual(0, done.status, done.err)
        return {str(path): path.read_bytes()
                for path in (self.scratch / "caches").rglob("*.pyc")
                if str(self.scratch / "caches") + str(self.scratch)
                in str(path)}

    def test_what_is_written_is_the_compilers_own(self):
        wanted = self.pyc_files(PY, "by_runpy.py")
        self.assertEqual(3, len(wanted), wanted.keys())
        self.assertEqual(wanted, self.pyc_files(
            *self.pytrace_words("probe"), "by_runpy.py"))

    def test_loaded_from_what_was_written(self):
        wanted = self.wanted_listing()
        for _ in range(2):  # written, then read
            _, found = self.listings(*self.pytrace_words("probe"), "plain.py")
            self.assertIn(wanted, found.values())
        self.assertTrue(list(self.scratch.glob("__pycache__/part.*")))


class BeforeAndBeside(LoadingCase):
    """What runs before the program, and where no engine of ours is."""

    def test_modules_imported_before_the_program(self):
        self.write("site/sitecustomize.py", "import early\n")
        self.write("site/early.py", "def f(n):\n    def inner():\n"
                   "        return n  # hits: 3\n    return inner  # hits: 2\n"
                   "class C:\n    m = staticmethod(lambda: 1)  # hits: 1\n")
        self.write("uses.py", "import early, sys\nearly.f(1)()\n"
                   "print(early.C.m(), 'gc' in sys.modules)\n"
                   "kept = early.f(1); kept(); kept()\n")
        env = environment(PYTHONPATH=str(self.scratch / "site"))
        plain = self.run_command(PY, "uses.py", env=env)
        for engine in "probe", CALLBACK_ENGINE:
            with self.subTest(engine=engine):
                done = self.run_command(
                    *self.pytrace_words(engine), "uses.py", env=env)
                self.assertEqual(plain.out, done.out, done.err)
                self.assertQuiet(done)
                shutil.copy(self.scratch / "cover/early.cover", self.scratch)
                self.check_hits("early", "site/early.py")

    INTERPRETERS = """\
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
made = interpreters.create()
interpreters.run_string(
    made, "import sys; sys.path.insert(0, ''); import part")
interpreters.destroy(made)
print("done")  # hits: 1
"""

    @unittest.skipUnless(sys.version_info < (3, 14), "the modules' last names")
    def test_sub_interpreters_are_named(self):
        self.write("others.py", self.INTERPRETERS)
        for engine in "probe", CALLBACK_ENGINE:
            done = self.pytrace("--count", "--engine", engine, "others.py")
            self.assertEqual(0, done.status, done.err)
            self.assertIn("sub-interpreters; lines that ran in them were not "
                          "counted", done.err)
            self.check_hits("others")
        self.assertNotIn("sub-interpreters",
                         self.pytrace("--count", "part.py").err)
        self.assertNotIn("sub-interpreters",
                         self.pytrace("--mem", "others.py").err)


class WhenProbesDoNotCount(LoadingCase):
    """The self-test at the start finds out; another engine takes over."""

    # A debugger that leaves out a call of the self-test's program.
    BREAKS = """\
import sys
def tracer(frame, event, arg):
    if frame.f_code.co_filename == "<pytrace>" and event == "line":
        if frame.f_lineno == 11 and frame.f_locals["n"] == 500:
            frame.f_lineno = 12
    return tracer
sys.settrace(tracer)
"""

    def test_callbacks_take_over(self):
        self.write("site/sitecustomize.py", self.BREAKS)
        self.write("loads.py", "import sys; sys.settrace(None)\n"
                   "import part\n")
        env = environment(PYTHONPATH=str(self.scratch / "site"))
        done = self.pytrace("--count", "loads.py", env=env)
        self.assertEqual(0, done.status, done.err)
        self.assertEqual(
            f"pytrace: counting lines by {CALLBACK_ENGINE}, not by probe: "
            "probes do not count correctly on this interpreter",
            done.err.splitlines()[0])
        if CALLBACK_ENGINE == "monitoring":
            self.assertIn("    1:     result = 0", self.listing("part"))

    def test_asked_for_by_name_it_fails(self):
        self.write("site/sitecustomize.py", self.BREAKS)
        env = environment(PYTHONPATH=str(self.scratch / "site"))
        done = self.pytrace("--count", "--engine", "probe", "part.py",
                            env=env)
        self.assertEqual(1, done.status, done.err)
        self.assertIn("probes do not count correctly", done.err)


if __name__ == "__main__":
    unittest.main()
