/* SPDX-License-Identifier: MIT */
/* docstring.c - just enough of Python's tokens to find docstrings.
 *
 * What counts is whether the token before a string was INDENT. So the scanner
 * knows indentation, brackets, joined lines, comments and strings, and takes
 * everything else for an operator.
 */
#include "cli/report/source/docstring.h"

#include <ctype.h>
#include <string.h>

#define INDENTS_MAX 100  // CPython's own limit
#define NESTED_MAX 150   // f-strings within f-strings: likewise

struct scan {
    const char *at;
    const char *end;
    uint32_t line;
    uint32_t depth;  // of open brackets
    uint32_t indent[INDENTS_MAX];
    uint32_t indents;
    int after_indent;  // the last token was INDENT
    enum pt_fstring kind;
    unsigned char *is_docstring;
    uint32_t lines;
};

struct quote {
    char mark;
    size_t length;  // 1 or 3
    int is_raw;
};

static void skip_fstring(struct scan *scan, struct quote quote, int nested);

static int
peek(const struct scan *scan, size_t ahead)
{
    return (size_t)(scan->end - scan->at) > ahead
               ? (unsigned char)scan->at[ahead]
               : -1;
}

static void
step(struct scan *scan)
{
    if (scan->at < scan->end) {
        scan->line += *scan->at == '\n';
        scan->at++;
    }
}

static int
opens(int c)
{
    return c == '(' || c == '[' || c == '{';
}

static int
closes(int c)
{
    return c == ')' || c == ']' || c == '}';
}

static int
is_name_char(int c)
{
    return c >= 0x80 || c == '_' || (c >= 0 && isalnum(c));
}

/* The quotes at the cursor; they are stepped over. */
static struct quote
open_quote(struct scan *scan)
{
    struct quote quote = {(char)peek(scan, 0), 1, 0};

    if (peek(scan, 1) == quote.mark && peek(scan, 2) == quote.mark) {
        quote.length = 3;
    }
    scan->at += quote.length;
    return quote;
}

/* True, and stepped over, if the string ends here. */
static int
close_quote(struct scan *scan, struct quote quote)
{
    for (size_t i = 0; i < quote.length; i++) {
        if (peek(scan, i) != quote.mark) {
            return 0;
        }
    }
    scan->at += quote.length;
    return 1;
}

static void
skip_string(struct scan *scan, struct quote quote)
{
    while (scan->at < scan->end && !close_quote(scan, quote)) {
        if (*scan->at == '\\') {
            step(scan);
        }
        else if (*scan->at == '\n' && quote.length == 1) {
            return;  // never closed
        }
        step(scan);
    }
}

static void
skip_comment(struct scan *scan)
{
    while (scan->at < scan->end && *scan->at != '\n') {
        scan->at++;
    }
}

/* A name or number: its length, and the letters of a string prefix in it. */
static size_t
skip_name(struct scan *scan, int *is_raw, int *is_format)
{
    size_t length = 0;

    *is_raw = *is_format = 0;
    for (; is_name_char(peek(scan, 0)); scan->at++, length++) {
        *is_raw |= strchr("rR", *scan->at) != NULL;
        *is_format |= strchr("fF", *scan->at) != NULL;
    }
    return length;
}

/* True if the `length` characters before the cursor may stand before a
 * string's quotes: r, u, b, f, br, rb, fr, rf. */
static int
is_prefix(const struct scan *scan, size_t length)
{
    const char *name = scan->at - length;
    char low[2];

    if (length == 0 || length > 2) {
        return length == 0;
    }
    low[0] = (char)tolower((unsigned char)name[0]);
    low[1] = length == 2 ? (char)tolower((unsigned char)name[1]) : 'r';
    if (length == 1) {
        return low[0] == 'r' || low[0] == 'u' || low[0] == 'b' ||
               low[0] == 'f';
    }
    return (low[0] == 'r' && (low[1] == 'b' || low[1] == 'f')) ||
           (low[1] == 'r' && (low[0] == 'b' || low[0] == 'f'));
}

/* A name, number or string. True if it was a string. */
static int
skip_word(struct scan *scan, int nested)
{
    int is_raw, is_format;
    size_t length = skip_name(scan, &is_raw, &is_format);
    int mark = peek(scan, 0);
    struct quote quote;

    if ((mark != '"' && mark != '\'') || !is_prefix(scan, length)) {
        if (length == 0) {
            step(scan);
        }
        return 0;
    }
    quote = open_quote(scan);
    quote.is_raw = length != 0 && is_raw;
    if (length != 0 && is_format && scan->kind == PT_FSTRING_IS_OWN) {
        skip_fstring(scan, quote, nested);
        return 0;
    }
    skip_string(scan, quote);
    return 1;
}

/* The replacement field of an f-string behind its "{": up to "}", or up to the
 * format of it, which may hold fields again. */
static void
skip_field(struct scan *scan, struct quote quote, int nested)
{
    uint32_t depth = 0;
    int in_format = 0;

    while (scan->at < scan->end && nested < NESTED_MAX) {
        int c = peek(scan, 0);

        if (c == '}' && depth == 0) {
            step(scan);
            return;
        }
        if (in_format) {
            if (c == quote.mark && quote.length == 1) {
                return;
            }
            step(scan);
            if (c == '{') {
                skip_field(scan, quote, nested + 1);
            }
        }
        else if (c == '#') {
            skip_comment(scan);
        }
        else if (c == ':' && depth == 0) {
            in_format = 1;
            step(scan);
        }
        else {
            depth += opens(c);
            depth -= depth != 0 && closes(c);
            skip_word(scan, nested + 1);
        }
    }
}

static void
skip_fstring(struct scan *scan, struct quote quote, int nested)
{
    while (scan->at < scan->end && !close_quote(scan, quote)) {
        int c = peek(scan, 0);

        if (c == '\n' && quote.length == 1) {
            return;
        }
        step(scan);
        if (c == '\\' && peek(scan, 0) == 'N' && peek(scan, 1) == '{' &&
            !quote.is_raw) {
            while (peek(scan, 0) != '}' && peek(scan, 0) != '\n' &&
                   scan->at < scan->end) {
                step(scan);
            }
            step(scan);
        }
        else if (c == '\\' && peek(scan, 0) != '{' && peek(scan, 0) != '}') {
            step(scan);
        }
        else if (c == '{' && peek(scan, 0) == '{') {
            step(scan);
        }
        else if (c == '{') {
            skip_field(scan, quote, nested + 1);
        }
    }
}

/* The blanks that start a logical line, and what they mean. */
static void
measure_indent(struct scan *scan)
{
    uint32_t column = 0;
    int c;

    for (;; scan->at++) {
        c = peek(scan, 0);
        if (c == ' ') {
            column++;
        }
        else if (c == '\t') {
            column = (column / 8 + 1) * 8;
        }
        else if (c == '\f') {
            column = 0;
        }
        else {
            break;
        }
    }
    if (c == '\n' || c == '#' || c == -1) {
        return;
    }
    if (column > scan->indent[scan->indents]) {
        if (scan->indents + 1 < INDENTS_MAX) {
            scan->indent[++scan->indents] = column;
        }
        scan->after_indent = 1;
    }
    while (column < scan->indent[scan->indents]) {
        scan->indents--;
    }
}

/* One token within a line. True if the logical line ended with it. */
static int
scan_token(struct scan *scan)
{
    uint32_t first = scan->line;
    int c = peek(scan, 0);

    if (c == ' ' || c == '\t' || c == '\f') {
        step(scan);
        return 0;
    }
    if (c == '\\' && peek(scan, 1) == '\n') {
        step(scan);
        step(scan);
        return 0;
    }
    if (c == '#') {
        skip_comment(scan);
    }
    else if (skip_word(scan, 0) && scan->after_indent) {
        for (uint32_t i = first; i <= scan->line && i <= scan->lines; i++) {
            scan->is_docstring[i] = 1;
        }
    }
    scan->after_indent = 0;
    scan->depth += opens(c);
    scan->depth -= scan->depth != 0 && closes(c);
    return c == '\n' && scan->depth == 0;
}

void
pt_docstring_mark(const char *text, size_t bytes, enum pt_fstring kind,
                  unsigned char *is_docstring, uint32_t lines)
{
    struct scan scan = {.at = text,
                        .end = text + bytes,
                        .line = 1,
                        .after_indent = 1,
                        .kind = kind,
                        .is_docstring = is_docstring,
                        .lines = lines};

    while (scan.at < scan.end) {
        measure_indent(&scan);
        while (scan.at < scan.end && !scan_token(&scan)) {
            // On to the next token of this logical line.
        }
    }
}
