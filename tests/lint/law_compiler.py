"""law_compiler.py - compiler extensions have names of ours.

They stand in core/base/compiler.h, so that one file says what another compiler
would have to bring.
"""

import re

from tree import c_matches, hold

HOME = "core/base/compiler.h"
EXTENSION = re.compile(
    r"\b(__builtin_\w+|__attribute__|__typeof__|typeof|__asm__|asm"
    r"|__sync_\w+|__atomic_\w+|__thread|__extension__|__label__)\b")


def problems(files):
    for path, number, match in c_matches(files, EXTENSION):
        if path != HOME and not path.startswith("tests/"):
            yield path, number, f"{match[1]} belongs into {HOME}"


hold(problems, bad={
    "core/base/a.c": "    bit = __builtin_ctz(word);\n",
    "native/a.c": "__attribute__((constructor)) static void\n",
    "memtrace/a.h": "static __thread int depth;\n",
}, good={
    HOME: "#define PT_COLD __attribute__((noinline, cold))\n",
    "core/py/a.c": "    names = find(\"__builtins__\"); // typeof\n",
    "tests/unit/a.c": "    __builtin_trap();\n",
})
