"""law_docs.py - what the documents name is there.

Held of Markdown files: paths that begin in one of our rooms, names that begin
with pt_ or PT_, options, and links; in those that are about ourselves C files
by their name alone. Any text is meant by `*`, by what stands in <>, by NNN and
by x for the name of a file.
"""

import fnmatch
import posixpath
import re

from tree import FLOORS, ROOT, hold, lines

PATH = re.compile(r"(?<![\w./$~-])(?:%s)/[\w./*<>-]*" % "|".join(FLOORS))
C_FILE = re.compile(r"(?<![\w./*<>-])(?!pycore_)[a-z]\w*\.[ch](?![\w./-])")
ANY = re.compile(r"<[^>]*>|NNN|\bx(?=\.)|(?<=_)x(?=\.)")
OPTION = re.compile(r"(?<![\w-])--([a-z][a-z-]+[a-z])")
QUOTED = re.compile(r'"([a-z][a-z-]+[a-z])["=]')
NAME = re.compile(r"\b(?:pt|PT)_\w+\b")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
OURSELVES = ("docs/architecture.md", "docs/contributing.md",
             "docs/format.md", "docs/versions.md")
OTHERS = {"trace-children"}  # options of valgrind
CODE = (".c", ".h", ".py", ".pyi", ".json", "CMakeLists.txt")


def known_names(files):
    """All names of the code that documents may speak of."""
    names = set()
    for path, text in files.items():
        if path.endswith(CODE):
            names.update(NAME.findall(text))
    return names


def known_paths(files):
    """The tree's files and directories, and the names of its files."""
    paths = set(files)
    for path in files:
        while path := posixpath.dirname(path):
            paths.add(path)
    return paths, {posixpath.basename(path) for path in files}


def known_options(files):
    """What stands behind -- in code, or in the program's tables."""
    options = set()
    for path, text in files.items():
        if not path.endswith(".md"):
            options.update(OPTION.findall(text))
            if path.startswith(("cli/", "python/", "tests/")):
                options.update(QUOTED.findall(text))
    return options


def is_there(path, paths):
    pattern = ANY.sub("*", path.rstrip("./"))
    if "*" in pattern:
        return any(fnmatch.fnmatchcase(known, pattern) for known in paths)
    # Not all of the tree's files are text.
    return pattern in paths or (ROOT / pattern).exists()


def problems(files):
    names = known_names(files)
    options = known_options(files)
    paths, basenames = known_paths(files)
    for path, text in files.items():
        if not path.endswith(".md"):
            continue
        for number, line in lines(text):
            for found in PATH.findall(line):
                if not is_there(found, paths):
                    yield path, number, f"there is no {found}"
            for found in C_FILE.findall(line):
                if path in OURSELVES and not is_there(found, basenames):
                    yield path, number, f"there is no file {found}"
            for found in NAME.findall(line):
                if found not in names:
                    yield path, number, f"nothing is called {found}"
            for found in OPTION.findall(line):
                if found not in options | OTHERS:
                    yield path, number, f"there is no option --{found}"
            for found in LINK.findall(line):
                if not is_there(posixpath.normpath(posixpath.join(
                        posixpath.dirname(path), found)), paths):
                    yield path, number, f"the link to {found} leads nowhere"


hold(problems, bad={
    "docs/a.md": "see `core/base/nowhere.c`\n",
    "docs/b.md": "see `tests/nowhere/*.py`\n",
    "docs/versions.md": "`nowhere.c` does it\n",
    "docs/d.md": "by pt_nothing_does()\n",
    "docs/e.md": "give it --no-such-option\n",
    "README.md": "[there](docs/nowhere.md)\n",
}, good={
    "core/base/a.c": "int pt_a_do(void);\n#define PT_A 1\n",
    "cli/options.c": '    {"count", PT_A},',
    "tests/cli/one/cmd": "",
    "docs/a.md": "`core/base/`, core/base/a.c, a.c (pt_a_do, PT_A), "
                 "`tests/cli/<case>/`, /usr/core/nowhere.c, prog.py, "
                 "core/base/x.c, --count, "
                 "[b](b.md#part) [web](https://example.org/core/x)\n",
    "docs/b.md": "",
})
