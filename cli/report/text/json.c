/* SPDX-License-Identifier: MIT */
/* json.c - quotes and escapes. */
#include "cli/report/text/json.h"

#include <string.h>

#include "core/base/utf8.h"

/* How many bytes stand for themselves. */
static size_t
plain_bytes(const unsigned char *at, const unsigned char *end)
{
    const unsigned char *start = at;

    while (at < end && *at >= 0x20 && *at < 0x7f && *at != '"' &&
           *at != '\\') {
        at++;
    }
    return (size_t)(at - start);
}

void
pt_json_add_bytes(struct pt_buf *buf, const char *text, size_t count)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + count;

    pt_buf_add_char(buf, '"');
    while (at < end) {
        size_t bytes = plain_bytes(at, end);

        if (bytes != 0) {
            pt_buf_add(buf, at, bytes);
            at += bytes;
            continue;
        }
        bytes = pt_utf8_bytes((const char *)at, (size_t)(end - at));
        if (bytes == 0) {
            pt_buf_add_format(buf, "\\udc%02x", (unsigned)*at);
            bytes = 1;
        }
        else if (*at < 0x20 || *at == 0x7f) {
            pt_buf_add_format(buf, "\\u%04x", (unsigned)*at);
        }
        else {
            if (*at == '"' || *at == '\\') {
                pt_buf_add_char(buf, '\\');
            }
            pt_buf_add(buf, at, bytes);
        }
        at += bytes;
    }
    pt_buf_add_char(buf, '"');
}

void
pt_json_add(struct pt_buf *buf, const char *text)
{
    pt_json_add_bytes(buf, text, strlen(text));
}

void
pt_json_add_or_null(struct pt_buf *buf, const char *text)
{
    if (text != NULL) {
        pt_json_add(buf, text);
    }
    else {
        pt_buf_add_text(buf, "null");
    }
}
