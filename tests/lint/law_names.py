"""law_names.py - a file's name says which file it is: unique in the tree."""

import collections
import posixpath

from tree import hold

# Names that tools give, not we. The inputs of test cases are data.
GIVEN = {"CMakeLists.txt", "README.md", "__init__.py", "__main__.py",
         "__init__.pyi", "py.typed"}
DATA = ("tests/cli/", "tests/golden/", "tests/data/")


def problems(files):
    places = collections.defaultdict(list)
    for path in files:
        name = posixpath.basename(path)
        if name not in GIVEN and not path.startswith(DATA):
            places[name].append(path)
    for name, paths in places.items():
        for path in paths[1:]:
            yield path, 1, f"{name} is already the name of {paths[0]}"
        if name.endswith((".c", ".h", ".py")) and name != name.lower():
            yield paths[0], 1, "file names are lower case"


hold(problems, bad=[
    {"core/base/buf.c": "", "memtrace/buf.c": ""},
    {"python/pytrace/trace.py": "", "tests/python/trace.py": ""},
    {"python/pytrace/Trace.py": ""},
], good={
    "core/base/buf.c": "",
    "core/base/buf.h": "",
    "tests/CMakeLists.txt": "",
    "CMakeLists.txt": "",
})
