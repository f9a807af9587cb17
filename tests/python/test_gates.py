"""Limits: each has a status of its own, and words for GitHub's CI."""

import re
import unittest

from support import PACKAGE, PYTRACE, Case, environment

PROGRAM = """\
import pytrace
KEPT = []
for number in range(40):
    with pytrace.span("round"):
        KEPT.append(bytes(10000))


def never():
    return 1


big = bytes(3000000)
del big
"""
OPTIONS = ("--count", "--mem", "--timeline=allocs", "-C", "cov")
# The option, the status when it is not met, and the line it is said of.
GATES = (
    (("--fail-under", "99"), 2, None),
    (("--fail-peak", "2M"), 3, 5),
    (("--fail-live", "300K"), 4, 5),
    (("--fail-leak",), 5, 5),
)


class GatesTest(Case):
    def setUp(self):
        super().setUp()
        self.write("prog.py", PROGRAM)

    def run_or_report(self, *words, actions=""):
        """The same limits of a run and of what was kept of it."""
        env = environment(PYTHONPATH=PACKAGE, GITHUB_ACTIONS=actions)
        yield self.pytrace(*OPTIONS, *words, "-o", "run.pytrace", "prog.py",
                           env=env)
        yield self.pytrace("report", "-C", "cov", *words, "run.pytrace",
                           env=env)

    def test_each_has_its_status(self):
        for words, status, _ in GATES:
            for done in self.run_or_report(*words):
                self.assertEqual(status, done.status, done.err)
                self.assertNotIn("::error", done.err)

    def test_kept_limits(self):
        words = ("--fail-under", "10", "--fail-peak", "1G", "--fail-live",
                 "1G")
        for done in self.run_or_report(*words):
            self.assertEqual(0, done.status, done.err)

    def test_the_first_decides(self):
        words = [word for gate, _, _ in GATES for word in gate]
        for done in self.run_or_report(*words):
            self.assertEqual(2, done.status, done.err)
        for done in self.run_or_report(*words[2:]):
            self.assertEqual(3, done.status, done.err)

    def test_annotations(self):
        for words, _, line in GATES:
            for done in self.run_or_report(*words, actions="true"):
                found, = (text for text in done.err.splitlines()
                          if text.startswith("::error "))
                start = (f"::error file=prog.py,line={line},title=pytrace::"
                         if line else "::error title=pytrace::")
                self.assertTrue(found.startswith(start), found)

    def annotated(self, root, cwd, program):
        """The file of the annotation of a run that starts in `cwd`."""
        done = self.run_command(
            PYTRACE, "--mem", "-o", self.scratch / "run.pytrace",
            "--fail-live", "300K", program, cwd=cwd,
            env=environment(PYTHONPATH=PACKAGE, GITHUB_ACTIONS="true",
                            GITHUB_WORKSPACE=root and str(root)))
        self.assertEqual(4, done.status, done.err)
        first = re.findall(r"(?m)^::error file=(.*),line=5,", done.err)
        # A report that is asked for elsewhere says the same.
        done = self.pytrace(
            "report", "--fail-live", "300K", "run.pytrace",
            env=environment(GITHUB_ACTIONS="true",
                            GITHUB_WORKSPACE=root and str(root)))
        self.assertEqual(first, re.findall(
            r"(?m)^::error file=(.*),line=5,", done.err))
        return first

    def test_paths_of_the_repository(self):
        work = self.scratch / "repo" / "sub"
        work.mkdir(parents=True)
        (work / "prog.py").write_text(PROGRAM)
        (work / "part").mkdir()
        (self.scratch / "link").symlink_to(self.scratch / "repo")
        (self.scratch / "repo-2").mkdir()
        repo, name = self.scratch / "repo", "sub/prog.py"
        for root, cwd, program, wanted in (
                (repo, work, "prog.py", name),
                (f"{repo}/", work, "prog.py", name),
                (repo, repo, name, name),
                (repo, work / "part", "../prog.py", name),
                (repo, work, work / "prog.py", name),
                (repo, self.scratch, "link/sub/prog.py", name),
                (self.scratch / "link", work, "prog.py", name),
                # What is elsewhere keeps its name.
                (self.scratch / "repo-2", work, "prog.py", "prog.py"),
                (self.scratch / "none", work, "prog.py", "prog.py"),
                ("/", work, "prog.py", "prog.py"),
                ("", work, "prog.py", "prog.py"),
                (None, work, "prog.py", "prog.py")):
            with self.subTest(root=root, cwd=cwd, program=program):
                self.assertEqual([wanted], self.annotated(root, cwd, program))

    def test_paths_of_leaks(self):
        for _ in self.run_or_report():
            pass
        done = self.pytrace(
            "leaks", "--fail-leak", "run.pytrace",
            env=environment(GITHUB_ACTIONS="true",
                            GITHUB_WORKSPACE=str(self.scratch.parent)))
        self.assertIn(f"::error file={self.scratch.name}/prog.py,line=5,",
                      done.err)

    def test_of_leaks(self):
        for _ in self.run_or_report():
            pass
        done = self.pytrace("leaks", "--fail-leak", "run.pytrace",
                            env=environment(GITHUB_ACTIONS="true"))
        self.assertEqual(5, done.status)
        self.assertRegex(done.err, r"\A::error file=prog\.py,line=5,title="
                         r"pytrace::this line holds .* more with each "
                         r"'round'\n\Z")
        done = self.pytrace("leaks", "run.pytrace",
                            env=environment(GITHUB_ACTIONS="true"))
        self.assertEqual((0, ""), (done.status, done.err))


if __name__ == "__main__":
    unittest.main()
