/* SPDX-License-Identifier: MIT */
/* scopetext.c - words of the command line made absolute, lists taken apart. */
#include "cli/options/scopetext.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"

/* The text in the making. */
struct scopetext {
    const char *directory;
    struct pt_buf text;
};

/* Append one part of a path; "." is none, ".." takes the last one back, but
 * nothing that stood before `start`. */
static void
add_part(struct pt_buf *path, size_t start, const char *part, size_t bytes)
{
    if (bytes == 0 || (bytes == 1 && part[0] == '.')) {
        return;
    }
    if (bytes != 2 || memcmp(part, "..", 2) != 0) {
        pt_buf_add_char(path, '/');
        pt_buf_add(path, part, bytes);
        return;
    }
    while (path->used > start && path->data[path->used - 1] != '/') {
        path->data[--path->used] = '\0';
    }
    if (path->used > start) {
        path->data[--path->used] = '\0';
    }
}

/* Append os.path.normpath of an absolute path. */
static void
add_normal(struct pt_buf *to, const char *path)
{
    size_t start = to->used;

    while (*path != '\0') {
        size_t bytes = strcspn(path, "/");

        add_part(to, start, path, bytes);
        path += bytes + (path[bytes] == '/');
    }
}

static void
add_path(struct scopetext *scope, const char *path)
{
    struct pt_buf full = PT_BUF_INIT;

    if (path[0] != '/') {
        pt_buf_add_text(&full, scope->directory);
        pt_buf_add_char(&full, '/');
    }
    pt_buf_add_text(&full, path);
    add_normal(&scope->text, pt_buf_text(&full));
    scope->text.failed |= full.failed;
    pt_buf_release(&full);
}

static void
add_patterns(struct scopetext *scope, const struct pt_patterns *list,
             enum pt_scope_kind kind)
{
    for (uint32_t i = 0; i < list->patterns; i++) {
        const char *pattern = list->pattern[i];

        if (*pattern == '\0') {
            continue;
        }
        pt_buf_add_char(&scope->text, (char)kind);
        // What starts with any text fits a path from its beginning.
        if (strchr("*?[", *pattern) != NULL) {
            pt_buf_add_text(&scope->text, pattern);
        }
        else {
            add_path(scope, pattern);
        }
        pt_buf_add_char(&scope->text, '\0');
    }
}

static void
add_modules(struct scopetext *scope, const struct pt_patterns *list)
{
    for (uint32_t i = 0; i < list->patterns; i++) {
        const char *at = list->pattern[i];

        while (*at != '\0') {
            size_t bytes = strcspn(at, ","), end = bytes, start = 0;

            while (start < end && isspace((unsigned char)at[start])) {
                start++;
            }
            while (end > start && isspace((unsigned char)at[end - 1])) {
                end--;
            }
            if (end > start) {
                pt_buf_add_char(&scope->text, PT_SCOPE_MODULE);
                pt_buf_add(&scope->text, at + start, end - start);
                pt_buf_add_char(&scope->text, '\0');
            }
            at += bytes + (at[bytes] == ',');
        }
    }
}

/* os.path.expandvars at one "$": how many bytes of the text it took. */
static size_t
add_variable(struct pt_buf *to, const char *text)
{
    int is_braced = text[1] == '{';
    const char *name = text + 1 + is_braced;
    char known[64];
    const char *value = NULL;
    size_t bytes = 0, taken;

    while (isalnum((unsigned char)name[bytes]) || name[bytes] == '_') {
        bytes++;
    }
    taken = 1 + (size_t)is_braced + bytes + (size_t)is_braced;
    if (bytes != 0 && bytes < sizeof(known) &&
        (!is_braced || name[bytes] == '}')) {
        memcpy(known, name, bytes);
        known[bytes] = '\0';
        value = getenv(known);
    }
    if (value == NULL) {
        pt_buf_add_char(to, '$');
        return 1;
    }
    pt_buf_add_text(to, value);
    return taken;
}

/* trace's parse_ignore_dir: os.path.expanduser and expandvars. */
static void
expand(struct pt_buf *to, const char *text, size_t bytes)
{
    const char *home = getenv("HOME");
    size_t i = 0;

    if (bytes != 0 && text[0] == '~' && (bytes == 1 || text[1] == '/') &&
        home != NULL) {
        pt_buf_add_text(to, home);
        i = 1;
    }
    while (i < bytes) {
        if (text[i] == '$') {
            i += add_variable(to, text + i);
        }
        else {
            pt_buf_add_char(to, text[i++]);
        }
    }
}

/* A directory; only the interpreter knows those of its libraries. */
static void
add_directory(struct scopetext *scope, const char *path)
{
    pt_buf_add_char(&scope->text, PT_SCOPE_DIR);
    if (strncmp(path, "$prefix", 7) == 0 ||
        strncmp(path, "$exec_prefix", 12) == 0) {
        size_t bytes = strcspn(path, "/");

        pt_buf_add(&scope->text, path, bytes);
        add_normal(&scope->text, path + bytes);
    }
    else {
        add_path(scope, path);
    }
    pt_buf_add_char(&scope->text, '\0');
}

static void
add_directories(struct scopetext *scope, const struct pt_patterns *list)
{
    for (uint32_t i = 0; i < list->patterns; i++) {
        const char *at = list->pattern[i];

        while (*at != '\0') {
            struct pt_buf path = PT_BUF_INIT;
            size_t bytes = strcspn(at, ":");

            expand(&path, at, bytes);
            if (path.used != 0) {
                add_directory(scope, path.data);
            }
            scope->text.failed |= path.failed;
            pt_buf_release(&path);
            at += bytes + (at[bytes] == ':');
        }
    }
}

int
pt_scopetext_compose(const struct pt_options *options,
                     struct pt_header *header, struct pt_err *err)
{
    struct scopetext scope = {header->directory, PT_BUF_INIT};
    int code;

    add_patterns(&scope, &options->include, PT_SCOPE_INCLUDE);
    add_patterns(&scope, &options->omit, PT_SCOPE_OMIT);
    add_modules(&scope, &options->ignore_module);
    add_directories(&scope, &options->ignore_dir);
    code = pt_buf_check(&scope.text);
    if (code != PT_OK) {
        code = pt_err_set(err, code, "out of memory; free some");
    }
    else if (scope.text.used >= sizeof(header->scope)) {
        // One byte is left, so that an empty text ends the list.
        code = pt_err_set(err, PT_ERR_USAGE,
                          "--include, --omit, --ignore-module and "
                          "--ignore-dir are %zu bytes, over %zu; choose "
                          "patterns that fit more",
                          scope.text.used, sizeof(header->scope) - 1);
    }
    else if (scope.text.used != 0) {
        memcpy(header->scope, scope.text.data, scope.text.used);
    }
    pt_buf_release(&scope.text);
    return code;
}
