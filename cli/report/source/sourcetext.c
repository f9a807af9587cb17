/* SPDX-License-Identifier: MIT */
/* sourcetext.c - coding line, byte order mark, newlines, iconv. */
#include "cli/report/source/sourcetext.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"

static const char mark[] = "\xef\xbb\xbf";

/* Python's names that iconv knows by another one. */
static const char *const renamed[][2] = {
    {"mac-roman", "MACINTOSH"},
    {"macroman", "MACINTOSH"},
    {"mac-cyrillic", "MAC-CYRILLIC"},
    {"latin", "ISO-8859-1"},
    {"u8", "UTF-8"},
    {"utf", "UTF-8"},
    {"cp65001", "UTF-8"},
    {"646", "ASCII"},
    {"s-jis", "SHIFT-JIS"},
    {"ujis", "EUC-JP"},
    {"ms-kanji", "CP932"},
    {"uhc", "CP949"},
    {"hkscs", "BIG5-HKSCS"},
    {"big5hkscs", "BIG5-HKSCS"},
    {"iso2022-jp", "ISO-2022-JP"},
    {"iso2022-kr", "ISO-2022-KR"},
};

/* tokenize's cookie_re on one line: [blanks] # anything coding[:=] name. */
static size_t
find_cookie(const char *line, size_t bytes, const char **name)
{
    const char *end = line + bytes;

    while (line < end && strchr(" \t\f", *line) != NULL && *line != '\0') {
        line++;
    }
    if (line == end || *line != '#') {
        return 0;
    }
    for (; end - line > 7; line++) {
        const char *at = line + 7;

        if (memcmp(line, "coding", 6) != 0 ||
            (line[6] != ':' && line[6] != '=')) {
            continue;
        }
        while (at < end && (*at == ' ' || *at == '\t')) {
            at++;
        }
        *name = at;
        while (at < end && (isalnum((unsigned char)*at) || *at == '-' ||
                            *at == '_' || *at == '.')) {
            at++;
        }
        if (at != *name) {
            return (size_t)(at - *name);
        }
    }
    return 0;
}

/* True if a coding line may still follow this first one. */
static int
is_blank(const char *line, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\f') {
            return line[i] == '#' || line[i] == '\r' || line[i] == '\n';
        }
    }
    return 1;
}

static int
is_name(const char *encoding, const char *name)
{
    size_t length = strlen(name);

    return strncmp(encoding, name, length) == 0 &&
           (encoding[length] == '\0' || encoding[length] == '-');
}

/* What iconv calls Python's encoding `name`. */
static void
translate(char *encoding, size_t room, const char *name, size_t bytes)
{
    char lower[64];
    size_t i;

    for (i = 0; i < bytes && i < sizeof(lower) - 1; i++) {
        lower[i] = name[i] == '_' ? '-'
                                  : (char)tolower((unsigned char)name[i]);
    }
    lower[i] = '\0';
    if (is_name(lower, "utf-8")) {
        strcpy(lower, "UTF-8");
    }
    else if (is_name(lower, "latin-1") || is_name(lower, "iso-8859-1") ||
             is_name(lower, "iso-latin-1")) {
        strcpy(lower, "ISO-8859-1");
    }
    for (i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        if (strcmp(lower, renamed[i][0]) == 0) {
            strcpy(lower, renamed[i][1]);
        }
    }
    snprintf(encoding, room, "%s", lower);
}

static size_t
line_bytes(const char *at, size_t left)
{
    const char *newline = left != 0 ? memchr(at, '\n', left) : NULL;

    return newline != NULL ? (size_t)(newline - at) + 1 : left;
}

/* tokenize.detect_encoding. */
static int
detect(struct pt_sourcetext *source, const char *at, size_t bytes,
       struct pt_err *err)
{
    const char *name = NULL;
    size_t line, length;

    strcpy(source->encoding, "UTF-8");
    source->has_mark = bytes >= 3 && memcmp(at, mark, 3) == 0;
    if (source->has_mark) {
        at += 3;
        bytes -= 3;
    }
    line = line_bytes(at, bytes);
    length = find_cookie(at, line, &name);
    if (length == 0 && is_blank(at, line)) {
        length =
            find_cookie(at + line, line_bytes(at + line, bytes - line), &name);
    }
    if (length == 0) {
        return PT_OK;
    }
    translate(source->encoding, sizeof(source->encoding), name, length);
    if (source->has_mark && strcmp(source->encoding, "UTF-8") != 0) {
        return pt_err_set(err, PT_ERR_FORMAT,
                          "its coding line says '%.*s', its byte order mark "
                          "UTF-8; make them agree",
                          (int)length, name);
    }
    return PT_OK;
}

/* Append `bytes` bytes of encoding `from` to `out` in encoding `to`. */
static int
convert(const char *bytes, size_t count, const char *from, const char *to,
        struct pt_buf *out, struct pt_err *err)
{
    iconv_t how = iconv_open(to, from);
    char *at = (char *)bytes;
    size_t left = count;
    int reason = 0;
    int is_last;

    if (how == (iconv_t)-1) {
        return pt_err_set(err, PT_ERR_FORMAT,
                          "its encoding '%s' is not known here; write it in "
                          "UTF-8",
                          strcmp(from, "UTF-8") != 0 ? from : to);
    }
    do {
        char window[4096];
        char *end = window;
        size_t room = sizeof(window);
        size_t result;

        // The last call, without input, ends a shifted state.
        is_last = left == 0;
        result = iconv(how, is_last ? NULL : &at, is_last ? NULL : &left, &end,
                       &room);
        reason = result == (size_t)-1 ? errno : 0;
        pt_buf_add(out, window, (size_t)(end - window));
    } while (reason == E2BIG || (reason == 0 && !is_last));
    iconv_close(how);
    if (reason != 0) {
        return pt_err_set(err, PT_ERR_FORMAT,
                          "its byte %zu is not %s; name its encoding in a "
                          "coding line",
                          count - left + 1, from);
    }
    return pt_buf_check(out);
}

/* "\r\n" and "\r" become "\n", and the last line ends with one. */
static void
unify_newlines(struct pt_buf *text)
{
    size_t to = 0;

    for (size_t i = 0; i < text->used; i++) {
        char c = text->data[i];

        if (c == '\r') {
            if (i + 1 < text->used && text->data[i + 1] == '\n') {
                continue;
            }
            c = '\n';
        }
        text->data[to++] = c;
    }
    if (text->used != 0) {
        text->used = to;
        text->data[to] = '\0';
        if (text->data[to - 1] != '\n') {
            pt_buf_add_char(text, '\n');
        }
    }
}

int
pt_sourcetext_decode_take(struct pt_sourcetext *source, struct pt_buf *bytes,
                          struct pt_err *err)
{
    size_t skip;
    int code;

    *source = (struct pt_sourcetext)PT_SOURCETEXT_INIT;
    code = detect(source, pt_buf_text(bytes), bytes->used, err);
    if (code == PT_OK) {
        skip = source->has_mark ? 3 : 0;
        code = convert(pt_buf_text(bytes) + skip, bytes->used - skip,
                       source->encoding, "UTF-8", &source->text, err);
    }
    if (code == PT_OK) {
        unify_newlines(&source->text);
        code = pt_buf_check(&source->text);
    }
    if (code == PT_ERR_NOMEM) {
        pt_err_set(err, code, "out of memory");
    }
    if (code != PT_OK) {
        pt_buf_release(&source->text);
    }
    pt_buf_release(bytes);
    return code;
}

/* Read all of a regular file; a fifo or a device would never end. */
static int
read_regular(const char *path, struct pt_buf *bytes, struct pt_err *err)
{
    struct stat status;
    int code;

    if (stat(path, &status) != 0) {
        return pt_err_set(err, PT_ERR_IO, "%s", strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return pt_err_set(err, PT_ERR_IO, "it is not a regular file");
    }
    if (access(path, R_OK) != 0) {
        return pt_err_set(err, PT_ERR_IO, "%s", strerror(errno));
    }
    code = pt_file_read(path, bytes, NULL);
    if (code != PT_OK) {
        pt_err_set(err, code, "%s",
                   code == PT_ERR_NOMEM ? "out of memory" : strerror(errno));
    }
    return code;
}

int
pt_sourcetext_read(struct pt_sourcetext *source, const char *path,
                   struct pt_err *err)
{
    struct pt_buf bytes = PT_BUF_INIT;
    int code = read_regular(path, &bytes, err);

    if (code != PT_OK) {
        pt_buf_release(&bytes);
        return code;
    }
    return pt_sourcetext_decode_take(source, &bytes, err);
}

int
pt_sourcetext_encode(const struct pt_sourcetext *source,
                     const struct pt_buf *text, struct pt_buf *bytes,
                     struct pt_err *err)
{
    if (source->has_mark) {
        pt_buf_add(bytes, mark, 3);
    }
    if (strcmp(source->encoding, "UTF-8") == 0) {
        pt_buf_add(bytes, pt_buf_text(text), text->used);
        return pt_buf_check(bytes);
    }
    return convert(pt_buf_text(text), text->used, "UTF-8", source->encoding,
                   bytes, err);
}

int
pt_sourcetext_is_that(const char *path, uint64_t size_bytes,
                      int64_t modified_ns)
{
    struct stat status;

    return (size_bytes != 0 || modified_ns != 0) && stat(path, &status) == 0 &&
           (uint64_t)status.st_size == size_bytes &&
           (int64_t)status.st_mtim.tv_sec * 1000000000 +
                   status.st_mtim.tv_nsec ==
               modified_ns;
}

void
pt_sourcetext_release(struct pt_sourcetext *source)
{
    pt_buf_release(&source->text);
    *source = (struct pt_sourcetext)PT_SOURCETEXT_INIT;
}
