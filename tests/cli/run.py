"""run.py - run one command-line case and compare what it printed.

    python tests/cli/run.py [--update] CASE...

A case is a directory of plain files:

    cmd             the shell command line(s), run by sh
    expected.out    what stdout must be; no file: must be empty
    expected.err    what stderr must be; no file: not looked at
    status          the exit status; no file: 0
    anything else   copied into the working directory first

Each case runs in a fresh directory. The environment has `pytrace` first on
PATH, the interpreter in $PY, and no PYTHONPATH, for the program must find its
package by itself, as it does for users; the directory for `PYTHONPATH=` is in
$PT_PACKAGE. In the expected files `[..]` stands for any
text within one line, and a line `[...]` for any number of lines. A case that
prints the names of its directory or interpreter sees them as [CWD] and [PY].

--update writes what was printed into the expected files that there are.
"""

import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

OWN_FILES = {"cmd", "expected.out", "expected.err", "status"}
# A sanitizer makes a program slower ten times and more.
TIMEOUT_SECONDS = 1200 if os.environ.get("PT_SANITIZE") else 120


def pattern(expected):
    """The regular expression that an expected text stands for."""
    parts = []
    for line in expected.splitlines(keepends=True):
        if line.strip() == "[...]":
            parts.append(r"(?:[^\n]*\n)*?")
            continue
        pieces = (re.escape(piece) for piece in line.split("[..]"))
        parts.append(r"[^\n]*?".join(pieces))
    return re.compile("".join(parts))


def environment(python):
    env = dict(os.environ)
    env["PY"] = python
    env["LC_ALL"] = "C.UTF-8"
    program = env.get("PYTRACE") or shutil.which("pytrace")
    if program is None:
        sys.exit("run.py: no pytrace: set PYTRACE, or eval \"$(./dev env)\"")
    env["PATH"] = os.path.dirname(program) + os.pathsep + env["PATH"]
    for name in ("PYTHONPATH", "VIRTUAL_ENV"):
        env.pop(name, None)
    env["PT_PACKAGE"] = os.path.join(
        os.path.dirname(os.path.dirname(program)), "python")
    return env


def run(case, python):
    """Run a case: its exit status, stdout and stderr."""
    with tempfile.TemporaryDirectory(prefix="pytrace-cli-") as scratch:
        cwd = os.path.join(os.path.realpath(scratch), "work")
        shutil.copytree(case, cwd,
                        ignore=lambda top, names: OWN_FILES & set(names))
        done = subprocess.run(
            ["sh", os.path.abspath(case / "cmd")], cwd=cwd,
            env=environment(python), stdin=subprocess.DEVNULL,
            capture_output=True, timeout=TIMEOUT_SECONDS)
    texts = []
    for raw in (done.stdout, done.stderr):
        text = raw.decode("utf-8", "backslashreplace")
        texts.append(text.replace(cwd, "[CWD]").replace(python, "[PY]"))
    return done.returncode, *texts


def compare(name, expected, got):
    """Sentences on how `got` differs from `expected`; empty when it fits."""
    if pattern(expected).fullmatch(got):
        return ""
    return "".join(difflib.unified_diff(
        expected.splitlines(keepends=True), got.splitlines(keepends=True),
        f"{name}, expected", f"{name}, printed"))


def check(case, python, update):
    status, out, err = run(case, python)
    problems = []
    wanted = case / "status"
    wanted = int(wanted.read_text()) if wanted.exists() else 0
    if status != wanted:
        problems.append(f"status: expected {wanted}, was {status}\n")
    for name, got in (("out", out), ("err", err)):
        file = case / f"expected.{name}"
        if not file.exists() and name == "err":
            continue
        expected = file.read_text(encoding="utf-8") if file.exists() else ""
        problem = compare(f"std{name}", expected, got)
        if problem and update:
            file.write_text(got, encoding="utf-8")
        elif problem:
            problems.append(problem)
    if problems and not (case / "expected.err").exists() and err:
        problems.append("stderr, for your information:\n" + err)
    return problems


def self_check():
    """The comparison itself must be able to fail."""
    assert not compare("", "a [..] c\n[...]\nz\n", "a b c\n1\n2\nz\n")
    assert not compare("", "a\n[...]\nz\n", "a\nz\n")
    assert compare("", "a [..] c\n", "a b\nc\n")
    assert compare("", "", "a\n")
    assert compare("", "a.c\n", "abc\n")


def main(arguments):
    update = "--update" in arguments
    cases = [pathlib.Path(name) for name in arguments if name != "--update"]
    if not cases:
        print(__doc__)
        return 2
    self_check()
    failed = 0
    for case in cases:
        problems = check(case, os.environ.get("PY", sys.executable), update)
        failed += bool(problems)
        print(f"{case.name}: {'failed' if problems else 'ok'}")
        sys.stdout.writelines(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
