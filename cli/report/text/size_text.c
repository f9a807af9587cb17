/* SPDX-License-Identifier: MIT */
/* size_text.c - sizes as tracemalloc's _format_size, and counts. */
#include "cli/report/text/size_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct pt_size_text
pt_size_text(double bytes)
{
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    struct pt_size_text result;
    unsigned i = 0;

    // Three digits below 100 of a unit, four or five below 10 of the next.
    while (i < 4 && bytes >= 10 * 1024) {
        bytes /= 1024;
        i++;
    }
    snprintf(result.text, sizeof(result.text),
             bytes < 100 && i != 0 ? "%.1f %s" : "%.0f %s", bytes, unit[i]);
    return result;
}

struct pt_size_text
pt_count_text(uint64_t count)
{
    struct pt_size_text result;
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
    char *to = result.text;

    for (int i = 0; i < length; i++) {
        if (i != 0 && (length - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = '\0';
    return result;
}
