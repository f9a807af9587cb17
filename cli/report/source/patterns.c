/* SPDX-License-Identifier: MIT */
/* patterns.c - tracemalloc's Filter, as far as names of files go. */
#include "cli/report/source/patterns.h"

#include <limits.h>
#include <string.h>

#include "core/base/pattern.h"

#define SUFFIX_BYTES 4u

static int
is_compiled(const char *path, size_t bytes)
{
    return bytes >= SUFFIX_BYTES &&
           strcmp(path + bytes - SUFFIX_BYTES, ".pyc") == 0;
}

static int
fits(const char *pattern, const char *path)
{
    size_t pattern_bytes = strlen(pattern), bytes = strlen(path);
    char source[PATH_MAX];

    if (is_compiled(pattern, pattern_bytes) && pattern_bytes <= PATH_MAX) {
        memcpy(source, pattern, pattern_bytes - 1);
        source[pattern_bytes - 1] = '\0';
        pattern = source;
    }
    return pt_pattern_match(pattern, path,
                            is_compiled(path, bytes) ? bytes - 1 : bytes);
}

int
pt_patterns_match(const struct pt_patterns *patterns, const char *path)
{
    for (uint32_t i = 0; i < patterns->patterns; i++) {
        if (fits(patterns->pattern[i], path)) {
            return 1;
        }
    }
    return 0;
}

int
pt_filter_takes(const struct pt_filter *filter, const char *path)
{
    return (filter->only.patterns == 0 ||
            pt_patterns_match(&filter->only, path)) &&
           !pt_patterns_match(&filter->omit, path);
}
