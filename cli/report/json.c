/* SPDX-License-Identifier: MIT */
/* json.c - quotes and escapes. */
#include "cli/report/json.h"

#include <string.h>

/* The length of the UTF-8 character at `text`, of which `left` bytes are
 * there, or 0. */
static size_t
character_bytes(const unsigned char *text, size_t left)
{
    size_t bytes = text[0] < 0x80    ? 1
                   : text[0] < 0xc2  ? 0
                   : text[0] < 0xe0  ? 2
                   : text[0] < 0xf0  ? 3
                   : text[0] <= 0xf4 ? 4
                                     : 0;

    if (bytes > left) {
        return 0;
    }
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    // Too long a form, a surrogate, or past the last character.
    if ((bytes == 3 && text[0] == 0xe0 && text[1] < 0xa0) ||
        (bytes == 3 && text[0] == 0xed && text[1] >= 0xa0) ||
        (bytes == 4 && text[0] == 0xf0 && text[1] < 0x90) ||
        (bytes == 4 && text[0] == 0xf4 && text[1] > 0x8f)) {
        return 0;
    }
    return bytes;
}

void
pt_json_add_bytes(struct pt_buf *buf, const char *text, size_t count)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + count;

    pt_buf_add_char(buf, '"');
    while (at < end) {
        size_t bytes = character_bytes(at, (size_t)(end - at));

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
