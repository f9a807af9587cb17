/* SPDX-License-Identifier: MIT */
/* utf8.c - lengths of characters. */
#include "core/base/utf8.h"

size_t
pt_utf8_bytes(const char *text, size_t left)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t bytes = at[0] < 0x80    ? 1
                   : at[0] < 0xc2  ? 0
                   : at[0] < 0xe0  ? 2
                   : at[0] < 0xf0  ? 3
                   : at[0] <= 0xf4 ? 4
                                   : 0;

    if (bytes > left) {
        return 0;
    }
    for (size_t i = 1; i < bytes; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    // Too long a form, a surrogate, or past the last character.
    if ((bytes == 3 && at[0] == 0xe0 && at[1] < 0xa0) ||
        (bytes == 3 && at[0] == 0xed && at[1] >= 0xa0) ||
        (bytes == 4 && at[0] == 0xf0 && at[1] < 0x90) ||
        (bytes == 4 && at[0] == 0xf4 && at[1] > 0x8f)) {
        return 0;
    }
    return bytes;
}
