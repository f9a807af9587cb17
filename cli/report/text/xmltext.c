/* SPDX-License-Identifier: MIT */
/* xmltext.c - five characters escaped, some replaced. */
#include "cli/report/text/xmltext.h"

#include "core/base/utf8.h"

void
pt_xml_add(struct pt_buf *buf, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes;) {
        size_t count = pt_utf8_bytes(text + i, bytes - i);
        unsigned char c = (unsigned char)text[i];

        if (count == 0 || (c < 0x20 && c != '\t' && c != '\n')) {
            pt_buf_add_text(buf, "\xef\xbf\xbd");
            count = 1;
        }
        else if (c == '&') {
            pt_buf_add_text(buf, "&amp;");
        }
        else if (c == '<') {
            pt_buf_add_text(buf, "&lt;");
        }
        else if (c == '>') {
            pt_buf_add_text(buf, "&gt;");
        }
        else if (c == '"') {
            pt_buf_add_text(buf, "&quot;");
        }
        else {
            pt_buf_add(buf, text + i, count);
        }
        i += count;
    }
}
