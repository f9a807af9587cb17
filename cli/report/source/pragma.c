/* SPDX-License-Identifier: MIT */
/* pragma.c - looks at lines, not at tokens: a block ends where a line is
 * indented no deeper than its first one. */
#include "cli/report/source/pragma.h"

#include <string.h>

#define TRACE_PRAGMA "#pragma NO COVER"
#define TAB_COLUMNS 8u
#define NO_BLOCK SIZE_MAX

/* The rest of a line, ended by its newline. */
static const char *
skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\f') {
        at++;
    }
    return at;
}

/* Behind one of two words, or NULL. */
static const char *
skip_word(const char *at, const char *lower, const char *upper)
{
    size_t bytes = strlen(lower);

    return strncmp(at, lower, bytes) == 0 || strncmp(at, upper, bytes) == 0
               ? at + bytes
               : NULL;
}

/* trace's own pragma, or "# pragma: no cover" as coverage.py reads it, but
 * never without the colon: trace marks such lines. Where it stands, or NULL.
 */
static const char *
find_pragma(const char *line, const char *end)
{
    const char *hash = memchr(line, '#', (size_t)(end - line));

    for (; hash != NULL;
         hash = memchr(hash + 1, '#', (size_t)(end - hash - 1))) {
        const char *at = skip_word(skip_blanks(hash + 1), "pragma", "PRAGMA");

        if (strncmp(hash, TRACE_PRAGMA, strlen(TRACE_PRAGMA)) == 0) {
            return hash;
        }
        if (at != NULL) {
            at = *at == ':' ? skip_word(skip_blanks(at + 1), "no", "NO")
                            : NULL;
        }
        if (at != NULL &&
            skip_word(skip_blanks(at), "cover", "COVER") != NULL) {
            return hash;
        }
    }
    return NULL;
}

/* The column of its first character; NO_BLOCK of a line without code. */
static size_t
indentation(const char *line)
{
    size_t column = 0;

    for (;; line++) {
        if (*line == ' ') {
            column++;
        }
        else if (*line == '\t') {
            column = (column / TAB_COLUMNS + 1) * TAB_COLUMNS;
        }
        else if (*line != '\f') {
            break;
        }
    }
    return *line == '\n' || *line == '#' ? NO_BLOCK : column;
}

/* Does the code before the comment open a block? */
static int
opens_block(const char *line, const char *comment)
{
    while (comment > line && strchr(" \t\f", comment[-1]) != NULL) {
        comment--;
    }
    return comment > line && comment[-1] == ':';
}

void
pt_pragma_mark(const char *text, size_t bytes, unsigned char *is_excused,
               uint32_t lines)
{
    const char *end = text + bytes;
    size_t block = NO_BLOCK;

    for (uint32_t number = 1; number <= lines && text < end; number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t column = indentation(text);
        const char *comment = find_pragma(text, newline);

        if (block != NO_BLOCK && column != NO_BLOCK && column <= block &&
            !is_excused[number]) {
            block = NO_BLOCK;
        }
        if (block != NO_BLOCK || comment != NULL) {
            is_excused[number] = 1;
        }
        if (block == NO_BLOCK && comment != NULL && column != NO_BLOCK &&
            strncmp(comment, TRACE_PRAGMA, strlen(TRACE_PRAGMA)) != 0 &&
            opens_block(text, comment)) {
            block = column;
        }
        text = newline + 1;
    }
}
