/* SPDX-License-Identifier: MIT */
/* naming.c - shown names, module names, places of sources. */
#include "cli/report/source/naming.h"

#include <string.h>

/* os.path.dirname: how many bytes of `path` it is. */
static size_t
dirname_bytes(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t head = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    size_t kept = head;

    while (kept != 0 && path[kept - 1] == '/') {
        kept--;
    }
    return kept != 0 ? kept : head;
}

/* os.path.splitext: where the suffix starts; dots in front start none. */
static size_t
suffix_at(const char *path, size_t bytes)
{
    size_t dot = bytes, base = 0;

    for (size_t i = 0; i < bytes; i++) {
        if (path[i] == '/') {
            base = i + 1;
            dot = bytes;
        }
        else if (path[i] == '.') {
            dot = i;
        }
    }
    for (size_t i = base; i < dot; i++) {
        if (path[i] != '.') {
            return dot;
        }
    }
    return bytes;
}

/* True if Python makes `path` of the program as typed. */
static int
is_program(const struct pt_naming *naming, const char *path)
{
    size_t length = strlen(naming->directory);

    // A run whose directory was gone has names as they were typed.
    if (naming->typed[0] == '/' || naming->typed[0] == '\0' || length == 0) {
        return naming->typed[0] != '\0' && strcmp(naming->typed, path) == 0;
    }
    return strncmp(path, naming->directory, length) == 0 &&
           path[length] == '/' &&
           strcmp(path + length + 1, naming->typed) == 0;
}

/* The next directory of the search path; 0 at its end. */
static int
next_dir(const struct pt_naming *naming, size_t *at, const char **dir,
         size_t *bytes)
{
    const char *text = naming->search_path + *at;
    size_t left = naming->search_path_bytes - *at;
    const char *newline;

    if (*at >= naming->search_path_bytes) {
        return 0;
    }
    newline = memchr(text, '\n', left);
    *dir = text;
    *bytes = newline != NULL ? (size_t)(newline - text) : left;
    *at += *bytes + 1;
    return 1;
}

/* True if `dir` is the absolute form of the typed program's directory. */
static int
is_typed_dir(const struct pt_naming *naming, const char *dir, size_t bytes)
{
    size_t typed = dirname_bytes(naming->typed);
    size_t start = naming->typed[0] == '/' ? 0 : strlen(naming->directory);
    size_t slash = start != 0 && typed != 0;

    return bytes == start + slash + typed &&
           memcmp(dir, naming->directory, start) == 0 &&
           (!slash || dir[start] == '/') &&
           memcmp(dir + start + slash, naming->typed, typed) == 0;
}

/* Python puts the program's directory first, with links resolved, but only
 * after we started; the program may then have put others before it. */
static uint32_t
find_replaced(const struct pt_naming *naming, uint32_t state)
{
    size_t at = 0, bytes;
    const char *dir;

    if (naming->typed[0] == '\0') {
        return PT_NAMING_NOTHING_REPLACED;
    }
    for (uint32_t i = 0; next_dir(naming, &at, &dir, &bytes); i++) {
        if (is_typed_dir(naming, dir, bytes)) {
            return i;
        }
    }
    return state == PT_PROCESS_FINISHED ? 0 : PT_NAMING_NOTHING_REPLACED;
}

void
pt_naming_init(struct pt_naming *naming, const struct pt_reader *reader)
{
    const struct pt_header *header = pt_reader_header(reader);
    const struct pt_process *process = pt_reader_process(reader, 0);
    const char *program = header->command;

    *naming = (struct pt_naming){.directory = header->directory,
                                 .typed = program,
                                 .search_path = "",
                                 .replaced = PT_NAMING_NOTHING_REPLACED};
    if (strcmp(program, "-") == 0 || strcmp(program, "-c") == 0 ||
        strcmp(program, "-m") == 0) {
        naming->typed = "";
    }
    if (process != NULL) {
        naming->search_path = pt_reader_text(reader, 0, process->search_path,
                                             &naming->search_path_bytes);
        naming->replaced = find_replaced(naming, process->state);
    }
}

static void
add_source(struct pt_buf *buf, const char *path)
{
    size_t bytes = strlen(path);
    int is_compiled = bytes >= 4 && strcmp(path + bytes - 4, ".pyc") == 0;

    pt_buf_add(buf, path, is_compiled ? bytes - 1 : bytes);
}

void
pt_naming_show(const struct pt_naming *naming, const char *path,
               struct pt_buf *shown)
{
    add_source(shown, is_program(naming, path) ? naming->typed : path);
}

void
pt_naming_locate(const struct pt_naming *naming, const char *path,
                 struct pt_buf *located)
{
    if (path[0] != '/' && naming->directory[0] != '\0') {
        pt_buf_add_text(located, naming->directory);
        pt_buf_add_char(located, '/');
    }
    add_source(located, path);
}

void
pt_naming_module(const char *path, struct pt_buf *name)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;

    pt_buf_add(name, base, suffix_at(base, strlen(base)));
}

/* `bytes`, if a directory of so many bytes holds `path` and is longer than the
 * best one yet; else that. */
static size_t
longer(const char *path, const char *dir, size_t bytes, size_t longest)
{
    int holds = bytes > longest && strlen(path) > bytes &&
                path[bytes] == '/' && memcmp(path, dir, bytes) == 0;

    return holds ? bytes : longest;
}

/* How many bytes of `path` the longest fitting directory takes. */
static size_t
longest_prefix(const struct pt_naming *naming, const char *path)
{
    size_t start = strlen(naming->directory);
    size_t longest = 0, at = 0, bytes;
    const char *dir;

    for (uint32_t i = 0; next_dir(naming, &at, &dir, &bytes); i++) {
        if (i != naming->replaced) {
            longest = longer(path, dir, bytes, longest);
        }
    }
    if (naming->typed[0] == '\0') {
        return longer(path, naming->directory, start, longest);
    }
    longest =
        longer(path, naming->typed, dirname_bytes(naming->typed), longest);
    // A program that is a directory or a zip file is in the path itself.
    if (naming->typed[0] != '/' &&
        longer(path, naming->directory, start, 0) != 0) {
        bytes =
            longer(path + start + 1, naming->typed, strlen(naming->typed), 0);
        return bytes != 0 && start + 1 + bytes > longest ? start + 1 + bytes
                                                         : longest;
    }
    return longer(path, naming->typed, strlen(naming->typed), longest);
}

void
pt_naming_full_module(const struct pt_naming *naming, const char *path,
                      struct pt_buf *name)
{
    size_t skip = longest_prefix(naming, path);
    const char *rest = path + (skip != 0 ? skip + 1 : 0);
    struct pt_buf dotted = PT_BUF_INIT;
    size_t first = 0, end;

    pt_buf_add_text(&dotted, rest);
    for (size_t i = 0; i < dotted.used; i++) {
        if (dotted.data[i] == '/') {
            dotted.data[i] = '.';
        }
    }
    // Dots stand for slashes already, as in trace, where a name without a
    // suffix loses its last part for that.
    end = suffix_at(pt_buf_text(&dotted), dotted.used);
    while (first < end && dotted.data[first] == '.') {
        first++;
    }
    if (dotted.failed) {
        name->failed = 1;
    }
    else {
        pt_buf_add(name, pt_buf_text(&dotted) + first, end - first);
    }
    pt_buf_release(&dotted);
}
