"""law_versions.py - who may know CPython, its internals and its versions.

    PY_VERSION_HEX                core/py/compat.h alone
    Py_BUILD_CORE, pycore_*       core/py alone
    Python.h                      core/py and what stands upon it
    sys.version_info              python/pytrace/_features.py, and the boot
                                  module, which refuses interpreters
"""

import re

from tree import c_code, c_files, hold, lines

VERSION_FILES = ("python/pytrace/_features.py",
                 "python/pytrace/_boot/sitecustomize.py")
NO_PYTHON = ("core/base/", "core/timeline/", "cli/", "native/")
HEADER = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')
VERSION = re.compile(
    r"\b(PY_VERSION_HEX|PY_M(AJOR|INOR)_VERSION|PY_MICRO_VERSION)\b")


def c_problems(path, text):
    code = dict(lines(c_code(text)))
    for number, line in lines(text):
        if VERSION.search(code[number]) and path != "core/py/compat.h":
            yield path, number, (
                "versions are compared in core/py/compat.h; "
                "here ask for a behaviour (PT_HAS_...)")
        match = HEADER.match(line)
        header = match[1] if match else ""
        if not path.startswith("core/py/"):
            if "Py_BUILD_CORE" in code[number]:
                yield path, number, "Py_BUILD_CORE belongs to core/py"
            if "pycore_" in line or header.startswith("internal/"):
                yield path, number, "CPython's internals belong to core/py"
        if path.startswith(NO_PYTHON) and header in ("Python.h",
                                                     "core/py/compat.h"):
            yield path, number, "no Python on this floor"


def problems(files):
    for path, text in c_files(files):
        yield from c_problems(path, text)
    for path, text in files.items():
        if not path.startswith("python/") or not path.endswith(".py") or (
                path in VERSION_FILES):
            continue
        for number, line in lines(text):
            if re.search(r"\b(sys\.version_info|sys\.hexversion|"
                         r"from sys import .*version_info)\b",
                         line.split("#")[0]):
                yield path, number, (
                    "versions are compared in python/pytrace/_features.py")


hold(problems, bad={
    "memtrace/a.c": "#if PY_VERSION_HEX >= 0x030c0000\n",
    "core/py/a.c": "#if PY_MINOR_VERSION > 12\n",
    "linetrace/a.h": "#define Py_BUILD_CORE 1\n",
    "linetrace/b.c": "#include <internal/pycore_frame.h>\n",
    "linetrace/c.c": '#include "internal/x.h"\n',
    "core/base/a.c": "#include <Python.h>\n",
    "cli/report/a.c": '#include "core/py/compat.h"\n',
    "native/a.c": "#include <Python.h>\n",
    "python/pytrace/trace.py": "if sys.version_info >= (3, 12):\n",
}, good={
    "core/py/compat.h": "#if PY_VERSION_HEX >= 0x030c0000\n",
    "core/py/frame_311.c": "#define Py_BUILD_CORE 1\n"
                           "#include <internal/pycore_frame.h>\n",
    "memtrace/a.c": '#include "core/py/compat.h"\n/* PY_VERSION_HEX */\n',
    "python/pytrace/_features.py": "X = sys.version_info >= (3, 12)\n",
    "tests/python/test_a.py": "sys.version_info\n",
})
