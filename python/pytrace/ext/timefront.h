/* SPDX-License-Identifier: MIT */
/* timefront.h - "0.12 ", the seconds in front of a line. */
#ifndef PT_PYTHON_PYTRACE_EXT_TIMEFRONT_H
#define PT_PYTHON_PYTRACE_EXT_TIMEFRONT_H

#include <stdint.h>

#define PT_TIMEFRONT_BYTES 40

/* Write the seconds since `then_ns`, rounded to `digits` (0 to 9) behind the
 * point, and a blank, so that they end before `end`, where there is room for
 * PT_TIMEFRONT_BYTES. Returns where they begin. Hook-safe. Any thread. */
char *pt_timefront(char *end, uint64_t then_ns, int digits);

#endif
