/* SPDX-License-Identifier: MIT */
/* time_text.h - a span of time as people read it: "12.3 ms". */
#ifndef PT_CLI_REPORT_TEXT_TIME_TEXT_H
#define PT_CLI_REPORT_TEXT_TIME_TEXT_H

#include <stdint.h>

#include "core/base/compiler.h"

#define PT_TIME_TEXT_BYTES 32

struct pt_time_text {
    char text[PT_TIME_TEXT_BYTES];
};

/* Nanoseconds with three digits or more in the largest unit that leaves one
 * before the point: "850 ns", "12.3 us", "4.56 ms", "75.0 s", "1200 s". They
 * need not be whole, as for an average. Any thread. */
struct pt_time_text pt_time_text(double ns);

/* Read a time of a run: "1.5" seconds, as nanoseconds. PT_ERR_USAGE when it is
 * none, and *ns as it was. */
PT_MUST_CHECK int pt_time_read(const char *text, uint64_t *ns);

#endif
