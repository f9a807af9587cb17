/* SPDX-License-Identifier: MIT */
/* clock.h - the clocks of a recording. */
#ifndef PT_CORE_BASE_CLOCK_H
#define PT_CORE_BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds of the monotonic clock: differences mean something, the value
 * does not. Hook-safe. Any thread. */
uint64_t pt_clock_ns(void);

/* Nanoseconds since 1970-01-01 UTC. Hook-safe. Any thread. */
uint64_t pt_clock_unix_ns(void);

#endif
