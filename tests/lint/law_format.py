"""law_format.py - C is written as .clang-format writes it (./dev format)."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from tree import ROOT, c_files, tree_files

BAD = "int  main( void ){ return 0 ; }\n"


def badly_formatted(paths):
    """The places, as "path:line", that clang-format would write otherwise."""
    done = subprocess.run(
        ["clang-format", f"--style=file:{ROOT / '.clang-format'}",
         "--dry-run", "-Werror", *paths],
        cwd=ROOT, capture_output=True, text=True)
    places = re.findall(r"^(\S+:\d+):\d+: ", done.stderr, re.M)
    if done.returncode and not places:
        places = [done.stderr]
    return list(dict.fromkeys(places))


if shutil.which("clang-format") is None:
    print("skipped: clang-format is missing (./dev test installs it)")
    sys.exit(0)
with tempfile.TemporaryDirectory() as scratch:
    sample = pathlib.Path(scratch, "bad.c")
    sample.write_text(BAD)
    if not badly_formatted([sample]):
        sys.exit("this law cannot fail: it let a badly written sample pass")
sources = [path for path, text in c_files(tree_files())]
places = badly_formatted(sources) if sources else []
if places:
    sys.exit("\n".join([*places, "not as clang-format writes it: "
                        "run ./dev format"]))
