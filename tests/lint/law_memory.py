"""law_memory.py - our memory comes through core/base/rawmem.h.

It is counted there, known to be ours while malloc() is asked for it, and made
to fail by the torture build. What is asked for elsewhere is none of these.
"""

import re

from tree import c_matches, hold

# native/ is malloc() itself: what it calls is jemalloc's.
PLACES = ("core/", "linetrace/", "memtrace/", "cli/", "python/")
DOOR = "core/base/rawmem.c"
ASKS = re.compile(
    r"(?<![\w>.])(malloc|calloc|realloc|reallocarray|aligned_alloc|"
    r"posix_memalign|strdup|strndup|asprintf|vasprintf|getline|getdelim|"
    r"open_memstream)\s*\(")


def problems(files):
    for path, number, match in c_matches(files, ASKS):
        if path.startswith(PLACES) and path != DOOR:
            yield path, number, f"{match[1]}() belongs to {DOOR}; see rawmem.h"


hold(problems, bad={
    "core/base/a.c": "    block = malloc(7);\n",
    "cli/a.c": "    text = strdup(other);\n",
    "linetrace/a.c": "    return calloc (count, 8);\n",
}, good={
    DOOR: "    block = calloc(count, item_bytes);\n",
    "memtrace/a.c": "    inner->malloc(inner->ctx, bytes); // not malloc(7)\n"
                    "    inner.realloc(x);\n",
    "native/a.c": "    return malloc(bytes);\n",
    "tests/unit/a.c": "    return malloc(bytes);\n",
})
