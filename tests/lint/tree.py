"""tree.py - what the laws share: the tree's files, and how a law is held.

A law is a module `law_*.py` with a function `problems(files)`, which gets a
dict {path from the root: text} and yields (path, line, sentence). It ends with
`hold(problems, bad=..., good=...)`: the samples are tried first, for a law
that cannot fail is no law, then the real tree.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLOORS = ("core", "memtrace", "linetrace", "native", "cli", "python", "tests",
          "docs", "examples")
TEXT = {".c", ".h", ".py", ".pyi", ".cmake", ".md", ".toml", ".json", ".txt"}


def tree_files():
    """{path: text} of every text file of ours, paths written from the root."""
    files = {}
    for path in sorted(ROOT.iterdir()):
        if path.is_file() and (path.suffix in TEXT or path.name == "dev"):
            files[path.name] = path.read_text(encoding="utf-8")
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in TEXT and path.is_file():
                files[name] = path.read_text(encoding="utf-8",
                                             errors="replace")
    return files


def c_files(files):
    """The C sources and headers among `files`, as (path, text)."""
    return [(path, text) for path, text in files.items()
            if path.endswith((".c", ".h"))]


def lines(text):
    """(number, line) from 1."""
    return enumerate(text.splitlines(), 1)


# Comments, and strings and character constants, in one pass.
_C_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)


def c_code(text):
    """C text with comments and literals blanked out; lines stay in place."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return _C_TOKEN.sub(blank, text)


def c_matches(files, pattern):
    """(path, line number, match) of the first match in each line of C code."""
    for path, text in c_files(files):
        for number, line in lines(c_code(text)):
            if match := pattern.search(line):
                yield path, number, match


def hold(problems, bad, good):
    """Check the law on its samples, then on the tree; never returns.

    Each file of `bad` must be refused by itself; where only several files
    together are wrong, `bad` is a list of such trees.
    """
    if isinstance(bad, dict):
        bad = [{path: text} for path, text in bad.items()]
    for sample in bad:
        if not list(problems(sample)):
            sys.exit(f"this law cannot fail: it let pass {sample}")
    for path, line, sentence in problems(good):
        sys.exit(f"this law refuses its own good sample: "
                 f"{path}:{line}: {sentence}")
    found = list(problems(tree_files()))
    for path, line, sentence in found:
        print(f"{path}:{line}: {sentence}")
    sys.exit(1 if found else 0)
