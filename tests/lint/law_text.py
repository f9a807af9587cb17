"""law_text.py - 79 columns, no tabs, no trailing blanks, no left-over notes.

Columns are held in C and Python; tabs and blanks in all but Markdown; the
words that mark unfinished work nowhere at all.
"""

import re

from tree import hold, lines

COLUMNS = 79
# Written so that this file does not hold the words itself.
NOTES = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
SAMPLES = ("tests/cli/", "tests/golden/", "tests/data/", "examples/")


def problems(files):
    for path, text in files.items():
        for number, line in lines(text):
            if NOTES.search(line):
                yield path, number, (
                    f"{NOTES.search(line)[0]}: finish it, or write an issue")
        if path.startswith(SAMPLES) and not path.endswith(("/run.py", ".c")):
            continue
        for number, line in lines(text):
            if path.endswith((".c", ".h", ".py", ".pyi")):
                if len(line) > COLUMNS:
                    yield path, number, f"{len(line)} columns"
            if not path.endswith(".md"):
                if line != line.rstrip():
                    yield path, number, "blanks at the end of the line"
                if "\t" in line:
                    yield path, number, "a tab"
        if text and not text.endswith("\n"):
            yield path, len(text.splitlines()), "no newline at the end"


hold(problems, bad={
    "a.c": "x" * 80 + "\n",
    "b.py": "x" * 80 + "\n",
    "c.c": "int a; \n",
    "d.c": "\tint a;\n",
    "e.md": "TO" "DO: write\n",
    "f.py": "# FIX" "ME\n",
    "g.c": "// X" "XX: why\n",
    "h.c": "int a;",
}, good={
    "a.c": "x" * 79 + "\n",
    "b.md": "x" * 200 + "\n",
})
