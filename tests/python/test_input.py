"""Bad input: a message that names the thing and what to do, the right
status, and every output that can still be made."""

import os
import re
import resource
import shutil
import subprocess
import unittest

from support import PYTRACE, Case, environment

MESSAGE = re.compile(r"^pytrace: (.*)$", re.MULTILINE)


class InputCase(Case):

    def unprivileged(self, *words):
        """Run pytrace; of root as of anybody modes of files are kept."""
        kept = "-dac_override,-dac_read_search"
        as_anybody = [] if os.geteuid() != 0 else [
            "setpriv", f"--bounding-set={kept}", f"--inh-caps={kept}"]
        if as_anybody and not shutil.which("setpriv"):
            self.skipTest("root reads everything")
        return self.run_command(*as_anybody, PYTRACE, *words)

    def refused(self, *words, status=2, **options):
        """The first message of a run that is refused before it starts."""
        done = self.pytrace(*words, **options)
        self.assertEqual(status, done.status, done.err)
        self.assertEqual("", done.out)
        self.assertTrue(done.err.startswith("pytrace: "), done.err)
        message = MESSAGE.search(done.err)[1]
        self.assertFalse(message.endswith("."), message)
        return message


class ProgramsTest(InputCase):

    def test_missing(self):
        self.assertRegex(self.refused("--count", "nothing.py"),
                         r"'nothing.py'.*No such file.*; .*path")

    def test_directory(self):
        self.write("dir/x", "")
        self.assertRegex(self.refused("--count", "dir"),
                         r"'dir'.*__main__.*; ")

    def test_unreadable_program(self):
        self.write("secret.py", "x = 1\n")
        (self.scratch / "secret.py").chmod(0)
        done = self.unprivileged("--count", "secret.py")
        self.assertEqual((2, ""), (done.status, done.out))
        self.assertRegex(MESSAGE.search(done.err)[1],
                         r"'secret.py'.*Permission denied.*; ")

    def test_program_that_is_no_text(self):
        self.write("binary.py", bytes(range(256)))
        done = self.pytrace("--count", "--mem", "binary.py")
        self.assertEqual(1, done.status)
        self.assertIn("SyntaxError", done.err)
        self.assertNotIn("Segmentation", done.err)

    def test_empty_name(self):
        self.assertIn("''", self.refused("--count", ""))

    def check_name(self, name):
        path = self.scratch / name
        path.write_text("x = 1\n")
        done = self.pytrace("--count", "--mem", "-s", name)
        self.assertEqual(0, done.status, done.err)
        self.assertTrue((self.scratch / (name[:-3] + ".cover")).exists())
        self.assertIn("memory at the end", done.out)

    def test_names_with_control_characters(self):
        self.check_name("new\nline.py")
        self.check_name("esc\x1b[31m.py")

    def test_names_that_are_no_utf8(self):
        self.check_name(os.fsdecode(b"\xff\xfe.py"))


class UsageTest(InputCase):

    def test_nothing_to_do(self):
        self.assertIn("--count", self.refused())
        self.assertIn("--count", self.refused("prog.py"))

    def test_no_program(self):
        self.assertIn("progname is missing", self.refused("--count"))
        self.assertIn("progname is missing", self.refused("--count", "--"))
        self.assertIn("progname is missing",
                      self.refused("--count", "--module"))

    def test_unknown_options(self):
        for given, meant in (("--cuont", "--count"), ("--summery",
                             "--summary"), ("--memtop=3", "--mem-top"),
                             ("--coverdri", "--coverdir"),
                             ("--mdoule", "--module")):
            self.assertIn(f"'{meant}'", self.refused(given, "x.py"))
        self.assertIn("'--zzz'", self.refused("--zzz", "x.py"))
        self.assertIn(" -z", self.refused("-cz", "x.py"))

    def test_wrong_values(self):
        for value in "x", "-1", "", "1x", "99999999999999999999", "1.5":
            self.assertIn("--mem-top", self.refused(
                "--mem", f"--mem-top={value}", "x.py"))
        self.assertIn("--coverdir", self.refused("--count", "-C"))
        self.assertIn("--count", self.refused("--count=3", "x.py"))

    def test_unfit_combinations(self):
        self.write("x.py", "")
        for words in (["--mem", "-s"], ["--count", "--mem-top=3"],
                      ["--count", "--module", "--cmd", "x"]):
            self.refused(*words, "x.py")

    def test_options_behind_the_program_are_its_own(self):
        self.write("x.py", "import sys\nprint(sys.argv[1:])\n")
        done = self.pytrace("--count", "x.py", "--cuont", "-z", "--", "--mem")
        self.assertEqual("['--cuont', '-z', '--', '--mem']\n", done.out)

    def test_help_and_version(self):
        for word in "-h", "--help":
            done = self.pytrace(word)
            self.assertEqual((0, ""), (done.status, done.err))
            self.assertIn("usage: pytrace", done.out)
        self.assertRegex(self.pytrace("--version").out, r"^pytrace \d")

    def test_report_of_what_is_no_recording(self):
        self.write("text", "no recording\n" * 1000)
        self.write("empty", "")
        self.write("half", b"pytrace\n" + bytes(5000))
        for name in "text", "empty", "half", "missing", ".", "/dev/null":
            done = self.pytrace("report", name)
            self.assertNotEqual(0, done.status)
            self.assertGreater(done.status, 0)
            self.assertIn(name, done.err)


class SourcesTest(InputCase):

    def test_source_deleted_during_the_run(self):
        self.write("gone.py", "import os, other\nos.unlink(__file__)\n"
                   "x = 1\n")
        self.write("other.py", "y = 1\n")
        done = self.pytrace("--count", "--mem", "gone.py")
        self.assertEqual(1, done.status)
        self.assertRegex(done.err, r"gone\.py': .*; ")
        self.assertTrue((self.scratch / "other.cover").exists())
        self.assertIn("memory at the end", done.out)

    def test_source_changed_during_the_run(self):
        self.write("changes.py", "with open(__file__, 'a') as file:\n"
                   "    file.write('x = 1\\n' * 100)\n")
        done = self.pytrace("--count", "changes.py")
        self.assertRegex(done.err, r"changes\.py'? .*changed|changed.*"
                         r"changes\.py")
        self.assertEqual(0, done.status)
        self.assertIn("    2: with open", self.listing("changes"))

    def test_source_shortened_during_the_run(self):
        self.write("shrinks.py", "x = 1\nx = 2\n"
                   "with open(__file__, 'w') as file:\n"
                   "    file.write('y')\nx = 3\n")
        done = self.pytrace("--count", "--mem", "shrinks.py")
        self.assertIn("changed", done.err)
        self.assertIn("y", self.listing("shrinks"))

    def test_unreadable_source(self):
        self.write("hides.py", "import os, hidden\n"
                   "os.rename('hidden.py', 'was')\n"
                   "os.mkdir('hidden.py')\n")
        self.write("hidden.py", "x = 1\n")
        done = self.pytrace("--count", "hides.py")
        self.assertEqual(1, done.status)
        self.assertIn("hidden.py", done.err)
        self.assertTrue((self.scratch / "hides.cover").exists())

    def test_source_that_may_not_be_read(self):
        self.write("locks.py", "import os, locked\n"
                   "os.chmod('locked.py', 0)\nx = bytearray(100000)\n")
        self.write("locked.py", "x = 1\n")
        done = self.unprivileged("--count", "--mem", "-s", "locks.py")
        self.assertEqual(1, done.status)
        self.assertRegex(done.err, r"locked\.py': Permission denied; ")
        self.assertTrue((self.scratch / "locks.cover").exists())
        self.assertRegex(done.out, r"locks.py:3: size=9[78]\.\d KiB")

    def test_generated_code_with_a_name(self):
        self.write("makes.py", "code = compile('x = 1\\ny = 2\\n', "
                   "'not/there.py', 'exec')\nexec(code)\n")
        done = self.pytrace("--count", "makes.py")
        self.assertEqual(0, done.status)
        self.assertIn("not/there.py", done.err)
        self.assertTrue((self.scratch / "makes.cover").exists())

    def test_control_characters_on_a_terminal(self):
        self.write("red\x1b[31m.py", "x = ['\x1b[32m' * 1000]  # \x07\n")
        done = self.run_command(
            "script", "-qec", f"{PYTRACE} --count --mem -s red*.py",
            "/dev/null")
        self.assertNotIn("\x1b[31m", done.out)
        self.assertNotIn("\x07", done.out)
        done = self.pytrace("--count", "--mem", "-s", "red\x1b[31m.py")
        self.assertIn("\x1b[31m", done.out)  # not a terminal: as it is


class PlacesTest(InputCase):
    """Where outputs cannot go."""

    def write_program(self):
        self.write("part.py", "y = 1\n")
        self.write("prog.py", "import part\nx = bytearray(100000)\n"
                   "print('own')\n")

    def check_failed(self, *words, named, status=1, **options):
        self.write_program()
        done = self.pytrace("--count", "--mem", "-s", *words, "prog.py",
                            **options)
        self.assertEqual(status, done.status, done.err)
        self.assertRegex(done.err, named)
        self.assertTrue(done.out.startswith("own\n"))
        self.assertIn("memory at the end", done.out)
        self.assertRegex(done.out, r"prog.py:2: size=9[78]\.\d KiB")
        return done

    def test_coverdir_below_a_file(self):
        self.write("file", "")
        self.check_failed("-C", "file/dir",
                          named="'file/dir'.*Not a directory.*; .*--coverdir")

    def test_coverdir_that_is_a_file(self):
        self.write("file", "")
        self.check_failed("-C", "file", named="'file'.*; .*--coverdir")

    def test_coverdir_that_is_not_allowed(self):
        self.check_failed("-C", "/proc/nothing",
                          named="'/proc/nothing'.*; .*--coverdir")

    def test_coverdir_that_may_not_be_written(self):
        self.write_program()
        (self.scratch / "cover").mkdir()
        (self.scratch / "cover").chmod(0o555)
        done = self.unprivileged("--count", "--mem", "-C", "cover",
                                 "prog.py")
        self.assertEqual(1, done.status)
        self.assertRegex(done.err, r"cover/prog.cover': Permission denied; "
                         ".*--coverdir")
        self.assertTrue(done.out.startswith("own\n"))
        self.assertIn("memory at the end", done.out)

    def test_listing_on_a_full_disk(self):
        self.write("cover/x", "")
        (self.scratch / "cover/prog.cover").symlink_to("/dev/full")
        self.check_failed(
            "-C", "cover", named="prog.cover'.*No space left.*; ")
        names = [path.name for path in (self.scratch / "cover").iterdir()]
        self.assertTrue([name for name in names if "part.cover" in name])

    def test_listing_that_is_a_directory(self):
        self.write("prog.cover/x", "")
        self.check_failed(named="prog.cover'.*directory.*; ")
        self.assertTrue((self.scratch / "part.cover").exists())

    def test_stdout_on_a_full_disk(self):
        self.write("prog.py", "x = 1\n")
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [PYTRACE, "--count", "--mem", "prog.py"], cwd=self.scratch,
                env=environment(), stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(1, done.returncode)
        self.assertIn(b"No space left", done.stderr)
        self.assertTrue((self.scratch / "prog.cover").exists())

    def test_without_stdout(self):
        """What cannot be printed is told, whichever files are open."""
        self.write("prog.py", "x = 1\n")
        for closed in ">&-", "<&- >&-":
            for words in (["--count", "--mem", "-o", "run.pytrace", "prog.py"],
                          ["-t", "prog.py"], ["report", "run.pytrace"],
                          ["export", "--to", "json", "run.pytrace"]):
                with self.subTest(closed=closed, words=words):
                    done = self.run_command(
                        "sh", "-c", f'exec "$@" {closed}', "sh", PYTRACE,
                        *words)
                    self.assertEqual(1, done.status, done.err)
                    self.assertRegex(done.err, "cannot write .*to stdout: Bad "
                                               "file descriptor; ")
            done = self.pytrace("check", "run.pytrace")
            self.assertEqual(0, done.status, done.out)

    def test_reader_of_stdout_who_leaves(self):
        self.copy("keeps_objects.py")
        done = self.run_command(
            "sh", "-c", f"{PYTRACE} --count --mem --mem-top=100000 "
            "keeps_objects.py | head -1 > first; cat first")
        self.assertEqual(0, done.status)
        self.assertNotIn("Broken pipe", done.err)
        self.assertTrue((self.scratch / "keeps_objects.cover").exists())

    def test_recording_that_cannot_be_made(self):
        self.write("prog.py", "print(1)\n")
        self.write("precious.txt", "keep me\n")
        for target in "no/such/dir/x", "/proc/x", ".", "precious.txt":
            done = self.pytrace("--count", "-o", target, "prog.py")
            self.assertIn(done.status, (1, 2))
            self.assertEqual("", done.out)
            self.assertIn(f"'{target}'", done.err)
        self.assertEqual("keep me\n",
                         (self.scratch / "precious.txt").read_text())

    def test_recording_on_a_full_disk(self):
        # A limit on file sizes stands in where no small disk can be mounted.
        self.write("prog.py", "kept = [bytes(n % 3000) for n in "
                   "range(20000)]\nmore = [[(n, str(n))] for n in "
                   "range(20000)]\nprint('own')\n")

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (410000, 410000))
        done = self.pytrace("--count", "--mem", "-o", "run.pytrace",
                            "prog.py", preexec_fn=limit)
        self.assertTrue(done.out.startswith("own\n"))
        self.assertIn("no space was left for the recording", done.err)
        self.assertIn("memory at the end", done.out)
        self.assertRegex(self.listing("prog"), r"    1: .*print\('own'\)")

    def test_recording_on_a_small_disk(self):
        mount = self.scratch / "small"
        mount.mkdir()
        done = self.run_command("mount", "-t", "tmpfs", "-o", "size=256k",
                                "none", mount)
        if done.status != 0:
            self.skipTest("no file system can be mounted here")
        self.addCleanup(self.run_command, "umount", mount)
        self.write("prog.py", "kept = [bytes(n % 3000) for n in "
                   "range(20000)]\nprint('own')\n")
        done = self.pytrace("--count", "--mem", "-o", "small/run.pytrace",
                            "prog.py")
        self.assertTrue(done.out.startswith("own\n"), done)
        self.assertIn("no space was left for the recording", done.err)
        self.assertIn("memory at the end", done.out)
        self.assertRegex(self.listing("prog"), r"    1: .*print\('own'\)")
        (mount / "run.pytrace").unlink()
        (mount / "fill").write_bytes(bytes(256 * 1024 - 8192))
        self.write("prog.py", "x = 1\n" * 3000)
        done = self.pytrace("--count", "--mem", "-C", "small/cover",
                            "prog.py")
        self.assertEqual(1, done.status)
        self.assertRegex(done.err, "small/cover.*No space left")
        self.assertIn("memory at the end", done.out)


if __name__ == "__main__":
    unittest.main()
