/* SPDX-License-Identifier: MIT */
/* filter.c - path prefixes against a path. */
#include "linetrace/filter.h"

#include <limits.h>
#include <string.h>

#include "core/timeline/recording.h"

#define DIRECTORIES_MAX 32

struct directory {
    char path[PATH_MAX];
    size_t bytes;
    int even_with_all;
};

static struct {
    int all;
    char main_path[PATH_MAX];
    char main_suffix[PATH_MAX];
    struct directory ignored[DIRECTORIES_MAX];
    int directories;
} filter;

static void
copy_path(char *to, const char *path)
{
    strncpy(to, path, PATH_MAX - 1);
    to[PATH_MAX - 1] = '\0';
}

void
pt_filter_init(const char *main_path, const char *main_suffix)
{
    filter.all = 0;
    filter.directories = 0;
    copy_path(filter.main_path, main_path);
    copy_path(filter.main_suffix, main_suffix);
}

void
pt_filter_take_all(void)
{
    filter.all = 1;
}

int
pt_filter_ignore(const char *path, int even_with_all)
{
    struct directory *directory;

    if (filter.directories == DIRECTORIES_MAX) {
        return -1;
    }
    directory = &filter.ignored[filter.directories++];
    copy_path(directory->path, path);
    directory->bytes = strlen(directory->path);
    directory->even_with_all = even_with_all;
    return 0;
}

/* Is `path` this directory (or file) or below it? */
static int
lies_below(const char *path, size_t bytes, const char *directory,
           size_t directory_bytes)
{
    return directory_bytes != 0 && bytes >= directory_bytes &&
           memcmp(path, directory, directory_bytes) == 0 &&
           (bytes == directory_bytes || path[directory_bytes] == '/');
}

static int
has_part(const char *path, size_t bytes, const char *part)
{
    return memmem(path, bytes, part, strlen(part)) != NULL;
}

static int
is_main(const char *path, size_t bytes)
{
    size_t suffix = strlen(filter.main_suffix);

    return lies_below(path, bytes, filter.main_path,
                      strlen(filter.main_path)) ||
           (suffix != 0 && bytes >= suffix &&
            memcmp(path + bytes - suffix, filter.main_suffix, suffix) == 0);
}

uint32_t
pt_filter_decide(const char *path, size_t bytes)
{
    if (is_main(path, bytes)) {
        return PT_SOURCE_TRACED | PT_SOURCE_MAIN;
    }
    if (bytes == 0 || path[0] == '<') {
        return 0;
    }
    for (int i = 0; i < filter.directories; i++) {
        const struct directory *directory = &filter.ignored[i];

        if ((directory->even_with_all || !filter.all) &&
            lies_below(path, bytes, directory->path, directory->bytes)) {
            return 0;
        }
    }
    if (!filter.all && (has_part(path, bytes, "/site-packages/") ||
                        has_part(path, bytes, "/dist-packages/"))) {
        return 0;
    }
    return PT_SOURCE_TRACED;
}
