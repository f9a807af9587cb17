/* SPDX-License-Identifier: MIT */
/* size_text.h - a number of bytes as people read it: "820 KiB". */
#ifndef PT_CLI_REPORT_TEXT_SIZE_TEXT_H
#define PT_CLI_REPORT_TEXT_SIZE_TEXT_H

#include <stdint.h>

#define PT_SIZE_TEXT_BYTES 32

struct pt_size_text {
    char text[PT_SIZE_TEXT_BYTES];
};

/* Exactly as tracemalloc prints a size: "840 B", "12.5 KiB", "9000 MiB". The
 * number need not be whole, as for an average. Any thread. */
struct pt_size_text pt_size_text(double bytes);

/* A count with a comma after every three digits: "1,234,567". Any thread. */
struct pt_size_text pt_count_text(uint64_t count);

#endif
