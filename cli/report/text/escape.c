/* SPDX-License-Identifier: MIT */
/* escape.c - control characters made visible. */
#include "cli/report/text/escape.h"

#include <stdint.h>
#include <unistd.h>

enum pt_escape
pt_escape_for(int fd)
{
    return isatty(fd) ? PT_ESCAPE_CONTROLS : PT_ESCAPE_NOTHING;
}

/* The length of the UTF-8 character at `text`, its code in *code; 0 when there
 * is none. */
static size_t
decode(const unsigned char *text, size_t bytes, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = text[0];
    size_t length = lead < 0x80             ? 1
                    : (lead & 0xe0) == 0xc0 ? 2
                    : (lead & 0xf0) == 0xe0 ? 3
                    : (lead & 0xf8) == 0xf0 ? 4
                                            : 0;

    if (length == 0 || length > bytes) {
        return 0;
    }
    *code = length == 1 ? lead : lead & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
        *code = *code << 6 | (text[i] & 0x3f);
    }
    if (*code < least[length] || *code > 0x10ffff ||
        (*code >= 0xd800 && *code <= 0xdfff)) {
        return 0;
    }
    return length;
}

static int
is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
           (code >= 0x200e && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

void
pt_escape_add(struct pt_buf *buf, const char *text, size_t bytes,
              enum pt_escape how)
{
    const unsigned char *at = (const unsigned char *)text;

    if (how == PT_ESCAPE_NOTHING) {
        pt_buf_add(buf, text, bytes);
        return;
    }
    while (bytes != 0) {
        uint32_t code = *at;
        size_t length = decode(at, bytes, &code);

        if (length == 0) {
            pt_buf_add_format(buf, "\\x%02x", (unsigned)*at);
            length = 1;
        }
        else if (is_control(code)) {
            pt_buf_add_format(buf, code < 0x100 ? "\\x%02x" : "\\u%04x",
                              (unsigned)code);
        }
        else {
            pt_buf_add(buf, at, length);
        }
        at += length;
        bytes -= length;
    }
}
