"""law_shape.py - how a C file begins, its guard, and how long things get.

A file past 500 lines or a function past 60 is a question to answer: either
cut it, or name it below with the reason.
"""

import posixpath
import re

from tree import c_code, c_files, hold, lines

FILE_LINES = 500
FUNCTION_LINES = 60
LONG_FILES = {
    # "core/timeline/reader.c": "one table of a format, read from the top",
}
LONG_FUNCTIONS = {
    # ("cli/options/options.c", "options_table"): "a table",
}

SPDX = "/* SPDX-License-Identifier: MIT */"


def guard_of(path):
    return "PT_" + re.sub(r"\W", "_", path).upper()


def functions(text):
    """(name, first line, length) of each function, by PEP 7's layout.

    The name stands at the start of a line, the body between a `{` and a `}`
    in the first column.
    """
    start = name = None
    for number, line in lines(c_code(text)):
        match = re.match(r"(\w+)\(", line)
        if match:
            start, name = number, match[1]
        elif line == "{" and name is None:
            start, name = number, "?"
        elif line.startswith("}") and name is not None:
            yield name, start, number - start + 1
            name = None
        elif line.endswith(";") and line[:1].strip():
            name = None


def header_problems(path, text):
    first = text.splitlines()[:2] + ["", ""]
    name = posixpath.basename(path)
    if first[0] != SPDX:
        yield path, 1, f"the first line must be {SPDX}"
    if not re.match(rf"/\* {re.escape(name)} - \S", first[1]):
        yield path, 2, f"the second line must start /* {name} - purpose"
    if path.endswith(".h"):
        guard = guard_of(path)
        if not re.search(rf"^#ifndef {guard}\n#define {guard}$", text, re.M):
            yield path, 3, f"the header guard must be {guard}"


def problems(files):
    for path, text in c_files(files):
        yield from header_problems(path, text)
        length = text.count("\n")
        if length > FILE_LINES and path not in LONG_FILES:
            yield path, length, f"{length} lines, over {FILE_LINES}"
        for name, start, length in functions(text):
            if (length > FUNCTION_LINES
                    and (path, name) not in LONG_FUNCTIONS):
                yield path, start, (
                    f"{name}() has {length} lines, over {FUNCTION_LINES}")


TOP = SPDX + "\n/* a.{} - sample. */\n"
FUNCTION = "static int\nlongish(int a,\n        int b)\n{{\n{}}}\n"
hold(problems, bad={
    "core/a.c": "/* a.c - no licence. */\n",
    "core/base/a.c": SPDX + "\n/* b.c - another name. */\n",
    "core/base/a.h": TOP.format("h") + "#ifndef A_H\n#define A_H\n#endif\n",
    "cli/a.c": TOP.format("c") + "// so it goes\n" * FILE_LINES,
    "memtrace/a.c": TOP.format("c") + FUNCTION.format("    a++;\n" * 60),
}, good={
    "core/base/a.h": TOP.format("h") + "#ifndef PT_CORE_BASE_A_H\n"
                     "#define PT_CORE_BASE_A_H\nint a(void);\n#endif\n",
    "memtrace/a.c": TOP.format("c") + FUNCTION.format("    a++;\n" * 50) * 2
                    + "int table[] = {\n" + "    1,\n" * 90 + "};\n",
})
