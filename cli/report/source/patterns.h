/* SPDX-License-Identifier: MIT */
/* patterns.h - patterns of file names, as a command line gives them. */
#ifndef PT_CLI_REPORT_SOURCE_PATTERNS_H
#define PT_CLI_REPORT_SOURCE_PATTERNS_H

#include <stdint.h>

#define PT_PATTERNS_MAX 64u

struct pt_patterns {
    const char *pattern[PT_PATTERNS_MAX];  // borrowed
    uint32_t patterns;
};

/* Does the path fit any of them? A .pyc stands for its .py on both sides, as
 * in tracemalloc's Filter. Any thread. */
int pt_patterns_match(const struct pt_patterns *patterns, const char *path);

struct pt_filter {
    struct pt_patterns only;  // if there are any, one must fit,
    struct pt_patterns omit;  // and none of these may
};

/* Is a path one of those asked for? Any thread. */
int pt_filter_takes(const struct pt_filter *filter, const char *path);

#endif
