"""What the standard `trace` loses, `python -m pytrace.trace` keeps."""

import os
import pickle
import subprocess
import trace as standard
import unittest

import pytrace.trace as ours
import support
from support import Case

PROGRAM = "def f(x):\n    return x + 1\n\nprint(f(1))\n"
LISTING = "    1: def f(x):\n    1:     return x + 1\n       \n" \
          "    1: print(f(1))\n"


class LossCase(Case):

    def trace(self, *words, **options):
        env = support.environment(PYTHONPATH=support.PACKAGE)
        return self.python("-m", "pytrace.trace", *words, env=env, **options)

    def counts(self, name="counts"):
        return pickle.loads((self.scratch / name).read_bytes())[0]


class HowTheProgramEnds(LossCase):

    def end(self, statement):
        """Run a program that ends so, counting: it is listed anyway."""
        self.write("prog.py", PROGRAM + statement + "\n")
        done = self.trace("-c", "-f", "counts", "prog.py")
        self.assertEqual("2\n", done.out)
        self.assertTrue(self.listing("prog").startswith(LISTING))
        self.assertEqual(1, self.counts()["prog.py", 2])
        return done

    def test_status_of_sys_exit(self):
        self.assertEqual(3, self.end("import sys; sys.exit(3)").status)

    def test_message_of_sys_exit(self):
        done = self.end("import sys; sys.exit('so it ends')")
        self.assertEqual(1, done.status)
        self.assertTrue(done.err.endswith("so it ends\n"), done.err)

    def test_exception(self):
        done = self.end("1 / 0")
        self.assertEqual(1, done.status)
        self.assertTrue(done.err.endswith(
            "ZeroDivisionError: division by zero\n"), done.err)

    def test_exception_of_the_program_that_is_an_oserror(self):
        done = self.end("open('/nonexistent/file')")
        self.assertEqual(1, done.status)
        self.assertIn("FileNotFoundError", done.err)
        self.assertNotIn("Cannot run file", done.err)

    def test_interrupt(self):
        done = self.end("raise KeyboardInterrupt")
        self.assertIn("KeyboardInterrupt", done.err)

    def test_functions_and_callers_too(self):
        self.write("prog.py", PROGRAM + "1 / 0\n")
        self.assertIn("funcname: f\n", self.trace("-l", "prog.py").out)
        self.assertIn("prog.<module> -> prog.f\n",
                      self.trace("-T", "prog.py").out)


class Files(LossCase):

    def test_no_report_saves_the_counts(self):
        self.write("prog.py", PROGRAM)
        for _ in range(2):
            done = self.trace("-c", "-R", "-f", "counts", "prog.py")
            self.assertEqual(0, done.status)
        self.assertEqual(2, self.counts()["prog.py", 2])
        self.assertFalse((self.scratch / "prog.cover").exists())

    def test_standard_trace_reads_our_counts_and_we_its(self):
        self.write("prog.py", PROGRAM)
        self.trace("-c", "-f", "counts", "prog.py")
        self.python("-m", "trace", "-c", "-f", "counts", "prog.py")
        self.trace("-c", "-f", "counts", "prog.py")
        self.assertEqual(3, self.counts()["prog.py", 2])
        done = self.python("-m", "trace", "-r", "-f", "counts")
        self.assertEqual(0, done.status, done.err)
        self.assertIn("    3:     return x + 1\n", self.listing("prog"))

    def test_a_file_that_is_gone(self):
        self.write("prog.py", "import os, gone\ngone.f()\n"
                              "os.remove('gone.py')\n")
        self.write("gone.py", "def f():\n    return 1\n")
        done = self.trace("-c", "-f", "counts", "prog.py")
        self.assertEqual(0, done.status)
        self.assertIn("Not printing coverage data for", done.err)
        self.assertIn("gone.py'", done.err)
        self.assertIn("    1: gone.f()\n", self.listing("prog"))
        self.assertIn("gone.py", " ".join(
            path for path, _ in self.counts()))

    def test_a_file_that_is_no_python_any_more(self):
        self.write("prog.py", "open('prog.py', 'w').write('1 +')\n")
        done = self.trace("-c", "-m", "-f", "counts", "prog.py")
        self.assertEqual(0, done.status)
        self.assertIn("Not printing coverage data for 'prog.py'", done.err)
        self.assertEqual(1, self.counts()["prog.py", 1])

    def test_a_program_that_goes_elsewhere(self):
        self.write("prog.py", "import atexit, os\nos.chdir('/')\n"
                              "atexit.register(lambda: print(os.getcwd()))\n")
        done = self.trace("-c", "-f", "counts", "prog.py")
        self.assertEqual((0, "/\n"), (done.status, done.out), done.err)
        self.assertIn("    1: os.chdir('/')\n", self.listing("prog"))
        self.assertEqual(1, self.counts()["prog.py", 2])


class CountsFiles(LossCase):

    def refuse(self, content):
        """Neither believed nor written over; the run itself is reported."""
        self.write("prog.py", PROGRAM)
        self.write("counts", content)
        done = self.trace("-c", "-f", "counts", "prog.py")
        self.assertEqual((0, "2\n"), (done.status, done.out), done.err)
        self.assertEqual(LISTING, self.listing("prog"))
        self.assertEqual(content, (self.scratch / "counts").read_bytes())
        self.assertIn("Skipping counts file 'counts': not a counts file",
                      done.err)
        self.assertIn("Can't save counts files because 'counts' is not",
                      done.err)

    def test_code_in_it_is_not_run(self):
        # What pickle.dumps() makes of an object with a __reduce__.
        self.refuse(b"cos\nmkdir\n(S'made'\ntR.")
        self.assertFalse((self.scratch / "made").exists())

    def test_no_pickle(self):
        self.refuse(b"print('a program by mistake')\n")

    def test_pickle_of_other_things(self):
        for content in ([1, 2, 3], ({}, {}), ({}, {}, []),
                        ({"a": 1}, {}, {}), ({("a", 1): "x"}, {}, {})):
            with self.subTest(content=content):
                self.refuse(pickle.dumps(content, 1))

    def test_many_at_once(self):
        self.write("prog.py", "def f():\n    return 1\nf()\nf()\n")
        words = [support.PY, "-m", "pytrace.trace", "-c", "-R", "-f",
                 "counts", "prog.py"]
        env = support.environment(PYTHONPATH=support.PACKAGE)
        for _ in range(3):
            runs = [subprocess.Popen(words, cwd=self.scratch, env=env,
                                     stderr=subprocess.DEVNULL)
                    for _ in range(6)]
            self.assertEqual([0] * 6, [run.wait() for run in runs])
        # The standard module reads what came of it.
        results = standard.CoverageResults(
            infile=str(self.scratch / "counts"))
        self.assertEqual(
            {("prog.py", 1): 18, ("prog.py", 2): 36, ("prog.py", 3): 18,
             ("prog.py", 4): 18}, results.counts)
        self.assertEqual(["counts"], [
            path.name for path in self.scratch.glob("counts*")])

    def test_results_written_twice(self):
        path = str(self.scratch / "counts")
        ours.CoverageResults({("<a>", 1): 1}, outfile=path).write_results()
        results = [ours.CoverageResults({("<a>", 1): hits}, infile=path,
                                        outfile=path) for hits in (10, 100)]
        for results in results * 2:
            results.write_results()
        self.assertEqual(
            {("<a>", 1): 111},
            standard.CoverageResults(infile=path).counts)

    def test_mode_and_link_are_kept(self):
        self.write("prog.py", PROGRAM)
        self.write("real", pickle.dumps(({}, {}, {}), 1))
        os.chmod(self.scratch / "real", 0o640)
        os.symlink("real", self.scratch / "counts")
        self.trace("-c", "-f", "counts", "prog.py")
        self.assertTrue((self.scratch / "counts").is_symlink())
        self.assertEqual(
            0o640, (self.scratch / "real").stat().st_mode & 0o777)
        self.assertEqual(1, self.counts("real")["prog.py", 2])
        self.assertEqual(
            ["counts", "prog.cover", "prog.py", "real"],
            sorted(path.name for path in self.scratch.iterdir()))

    def test_a_directory_that_is_missing(self):
        self.write("prog.py", PROGRAM)
        done = self.trace("-c", "-f", "no/counts", "prog.py")
        self.assertEqual(0, done.status)
        self.assertIn("Can't save counts files because", done.err)
        self.assertEqual(LISTING, self.listing("prog"))


class Usage(LossCase):

    def test_report_with_a_program_runs_it(self):
        self.write("prog.py", "if not __file__:\n    print()\n")
        done = self.trace("--count", "--report", "prog.py")
        self.assertEqual(0, done.status, done.err)
        self.assertEqual("    1: if not __file__:\n>>>>>>     print()\n",
                         self.listing("prog"))

    def test_programs_that_cannot_be_run(self):
        done = self.trace("-c", "missing.py")
        self.assertEqual((1, "Cannot run file 'missing.py' because: [Errno 2] "
                             "No such file or directory: 'missing.py'\n"),
                         (done.status, done.err))
        done = self.trace("-c", "--module", "missing_module")
        self.assertEqual(1, done.status)
        self.assertIn("No module named missing_module", done.err)


if __name__ == "__main__":
    unittest.main()
