/* SPDX-License-Identifier: MIT */
/* filter.c - path prefixes, patterns and module names against a path. */
#include "linetrace/filter.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/pattern.h"
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
    char scope[sizeof(((struct pt_header *)0)->scope) + 1];  // ends with 0, 0
    int has_includes;
    char prefix[PATH_MAX];
    char exec_prefix[PATH_MAX];
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
    filter.scope[0] = '\0';
    filter.has_includes = 0;
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

/* The entry behind one; "" at the end. */
static const char *
next_entry(const char *entry)
{
    return entry + strlen(entry) + 1;
}

void
pt_filter_take_scope(const char *scope, size_t bytes,
                     const struct pt_filter_libraries *libraries)
{
    size_t most = sizeof(filter.scope) - 2;

    memset(filter.scope, 0, sizeof(filter.scope));
    memcpy(filter.scope, scope, bytes < most ? bytes : most);
    copy_path(filter.prefix, libraries->prefix);
    copy_path(filter.exec_prefix, libraries->exec_prefix);
    filter.has_includes = 0;
    for (const char *entry = filter.scope; *entry != '\0';
         entry = next_entry(entry)) {
        filter.has_includes |= *entry == PT_SCOPE_INCLUDE;
    }
}

/* Does the pattern fit the path, or a directory above it? */
static int
fits(const char *pattern, const char *path, size_t bytes)
{
    for (size_t i = 1; i <= bytes; i++) {
        if ((i == bytes || path[i] == '/') &&
            pt_pattern_match(pattern, path, i)) {
            return 1;
        }
    }
    return 0;
}

/* The package of a dotted name, whose last slash is at path[end]: is it one?
 * errno is the program's. */
static int
is_package(const char *path, size_t end)
{
    char file[PATH_MAX];
    int number = errno;
    int length =
        snprintf(file, sizeof(file), "%.*s/__init__.py", (int)end, path);
    int result = length > 0 && length < PATH_MAX && access(file, F_OK) == 0;

    errno = number;
    return result;
}

/* How many bytes of the text at `at` spell a dotted name with slashes; 0 if it
 * is another. */
static size_t
spell(const char *name, const char *at, size_t bytes)
{
    size_t i = 0;

    while (name[i] != '\0' && i < bytes &&
           (name[i] == '.' ? '/' : name[i]) == at[i]) {
        i++;
    }
    return name[i] == '\0' ? i : 0;
}

/* trace's rule, by the file's own name; and what it wanted to be, the package
 * that the file is in. */
static int
is_module(const char *name, const char *path, size_t bytes)
{
    const char *slash = memrchr(path, '/', bytes);
    size_t base = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    size_t length = strlen(name);

    if (bytes - base > length && memcmp(path + base, name, length) == 0 &&
        path[base + length] == '.') {
        return 1;
    }
    for (size_t i = 1; i < bytes; i++) {
        size_t end = i + spell(name, path + i, bytes - i);
        size_t first = i + strcspn(name, ".");

        if (end == i || path[i - 1] != '/') {
            continue;
        }
        if (end < bytes && path[end] == '/' && is_package(path, first)) {
            return 1;
        }
        if (end + 3 == bytes && memcmp(path + end, ".py", 3) == 0 &&
            first < end && is_package(path, first)) {
            return 1;
        }
    }
    return 0;
}

/* Is the path below a directory that may start with $prefix? */
static int
is_below(const char *entry, const char *path, size_t bytes)
{
    static const char prefix[] = "$prefix", exec_prefix[] = "$exec_prefix";
    char full[2 * PATH_MAX];
    const char *start = "";

    if (strncmp(entry, prefix, sizeof(prefix) - 1) == 0) {
        start = filter.prefix;
        entry += sizeof(prefix) - 1;
    }
    else if (strncmp(entry, exec_prefix, sizeof(exec_prefix) - 1) == 0) {
        start = filter.exec_prefix;
        entry += sizeof(exec_prefix) - 1;
    }
    snprintf(full, sizeof(full), "%s%s", start, entry);
    return lies_below(path, bytes, full, strlen(full));
}

static int
is_in_scope(const char *path, size_t bytes)
{
    int is_included = !filter.has_includes;

    for (const char *entry = filter.scope; *entry != '\0';
         entry = next_entry(entry)) {
        switch (*entry) {
        case PT_SCOPE_INCLUDE:
            is_included = is_included || fits(entry + 1, path, bytes);
            break;
        case PT_SCOPE_OMIT:
            if (fits(entry + 1, path, bytes)) {
                return 0;
            }
            break;
        case PT_SCOPE_MODULE:
            if (is_module(entry + 1, path, bytes)) {
                return 0;
            }
            break;
        case PT_SCOPE_DIR:
            if (is_below(entry + 1, path, bytes)) {
                return 0;
            }
            break;
        }
    }
    return is_included;
}

uint32_t
pt_filter_decide(const char *path, size_t bytes)
{
    int takes_libraries = filter.all || filter.has_includes;

    if (!is_in_scope(path, bytes)) {
        return is_main(path, bytes) ? PT_SOURCE_MAIN : 0;
    }
    if (is_main(path, bytes)) {
        return PT_SOURCE_TRACED | PT_SOURCE_MAIN;
    }
    if (bytes == 0 || path[0] == '<') {
        return 0;
    }
    for (int i = 0; i < filter.directories; i++) {
        const struct directory *directory = &filter.ignored[i];

        if ((directory->even_with_all || !takes_libraries) &&
            lies_below(path, bytes, directory->path, directory->bytes)) {
            return 0;
        }
    }
    if (!takes_libraries && (has_part(path, bytes, "/site-packages/") ||
                             has_part(path, bytes, "/dist-packages/"))) {
        return 0;
    }
    return PT_SOURCE_TRACED;
}
