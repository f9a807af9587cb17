"""law_floors.py - includes point down only, and are written from the root."""

import posixpath
import re

from tree import c_files, hold, lines

# The deepest directory wins. A file may include its own floor and any below.
FLOOR = {
    "core/base": 0,
    "core/timeline": 0.5,
    "core/py": 1,
    "native": 2,
    "memtrace": 2,
    "linetrace": 2,
    "cli/report/text": 3,
    "cli/report/source": 3.1,
    "cli/report/figures": 3.2,
    "cli/report/print": 3.3,
    "cli/report/export": 3.3,
    "cli": 4,
    "python/pytrace/ext": 4,
    "tests": 5,
}
SIBLINGS = ({"memtrace", "linetrace"},
            {"cli", "python/pytrace/ext"},
            {"native", "memtrace"},
            {"native", "linetrace"},
            {"native", "core/py"},
            {"native", "cli/report"},
            {"native", "cli"},
            {"native", "python/pytrace/ext"},
            {"cli/report", "memtrace"},
            {"cli/report", "linetrace"},
            {"cli/report", "core/py"},
            {"cli", "memtrace"},
            {"cli", "linetrace"},
            {"cli", "core/py"},
            {"cli/report/print", "cli/report/export"})
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room(path):
    """The directory of FLOOR that a path belongs to, or None."""
    path = posixpath.dirname(path)
    while path and path not in FLOOR:
        path = posixpath.dirname(path)
    return path or None


def is_barred(here, there):
    """Whether siblings stand between two rooms, or the houses they are in."""
    def house(path):
        return "cli/report" if path.startswith("cli/report/") else path
    return ({here, there} in SIBLINGS
            or {house(here), house(there)} in SIBLINGS)


def problems(files):
    for path, text in c_files(files):
        here = room(path)
        if here is None:
            yield path, 1, "a C file outside the floors of the house"
            continue
        for number, line in lines(text):
            match = INCLUDE.match(line)
            if not match or match[1] == "<":
                continue
            there = room(match[2])
            if here == "core/py" and match[2].startswith("internal/"):
                continue  # CPython's own
            if there is None:
                yield path, number, (
                    f'"{match[2]}" is not written from the root')
            elif FLOOR[there] > FLOOR[here]:
                yield path, number, f"{here} must not look up at {there}"
            elif is_barred(here, there):
                yield path, number, f"{here} must not know {there}"


hold(problems, bad={
    "core/base/a.c": '#include "core/timeline/b.h"\n',
    "core/timeline/a.c": '#include "core/py/b.h"\n',
    "core/base/b.c": '#include "b.h"\n',
    "memtrace/a.c": '#include "linetrace/b.h"\n',
    "native/a.c": '#include "core/py/b.h"\n',
    "native/b.c": '#include "memtrace/b.h"\n',
    "linetrace/a.h": '#  include "memtrace/b.h"\n',
    "cli/a.c": '#include "core/py/b.h"\n',
    "cli/report/text/a.c": '#include "cli/b.h"\n',
    "cli/report/text/b.c": '#include "cli/report/figures/b.h"\n',
    "cli/report/print/a.c": '#include "cli/report/export/b.h"\n',
    "cli/report/export/a.c": '#include "memtrace/b.h"\n',
    "lib/a.c": "",
    "memtrace/b.c": '#include "internal/pycore_code.h"\n',
}, good={
    "core/py/a.c": '#include "internal/pycore_code.h"\n',
    "linetrace/a.c": '#include "core/py/b.h"\n#include <stdio.h>\n'
                     '#include "core/base/c.h"\n#include "linetrace/d.h"\n',
    "cli/a.c": '#include "cli/report/text/b.h"\n',
    "cli/run/a.c": '#include "cli/report/print/b.h"\n',
    "cli/report/print/a.c": '#include "cli/report/figures/b.h"\n',
    "tests/unit/a.c": '#include "memtrace/b.h"\n',
})
