/* SPDX-License-Identifier: MIT */
/* patterns.c - libc's fnmatch, told to do as Python's. */
#include "cli/report/patterns.h"

#include <fnmatch.h>
#include <limits.h>
#include <string.h>

/* tracemalloc's _normalize_filename; what is too long stays as it is. */
static const char *
normalize(const char *path, char *room)
{
    size_t bytes = strlen(path);

    if (bytes < 4 || bytes > PATH_MAX ||
        strcmp(path + bytes - 4, ".pyc") != 0) {
        return path;
    }
    memcpy(room, path, bytes - 1);
    room[bytes - 1] = '\0';
    return room;
}

int
pt_patterns_match(const struct pt_patterns *patterns, const char *path)
{
    char path_room[PATH_MAX], pattern_room[PATH_MAX];
    const char *name = normalize(path, path_room);

    for (uint32_t i = 0; i < patterns->patterns; i++) {
        const char *pattern = normalize(patterns->pattern[i], pattern_room);

        if (fnmatch(pattern, name, FNM_NOESCAPE) == 0) {
            return 1;
        }
    }
    return 0;
}
