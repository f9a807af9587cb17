/* SPDX-License-Identifier: MIT */
/* clock.h - the clocks of a recording. */
#ifndef PT_CORE_BASE_CLOCK_H
#define PT_CORE_BASE_CLOCK_H

#include <stdint.h>

#include "core/base/compiler.h"

/* Nanoseconds of the monotonic clock: differences mean something, the value
 * does not. Hook-safe. Any thread. */
uint64_t pt_clock_ns(void);

/* Where the ticks of this run come from. */
enum pt_tick_kind {
    PT_TICK_NS,       // the monotonic clock, a tick being 1 ns
    PT_TICK_COUNTER,  // the processor's counter, in half the time
};

/* What is best on this machine: the counter, if the kernel's own clock is made
 * of it. Reads a file; not hook-safe. */
enum pt_tick_kind pt_clock_best_kind(void);

/* Ticks of one kind: they go on at a steady rate, of which only an interval
 * measured on both clocks tells. They may go back a little between
 * processors. Hook-safe. Any thread. */
PT_INLINE uint64_t
pt_clock_ticks(enum pt_tick_kind kind)
{
    return pt_likely(kind == PT_TICK_COUNTER) ? pt_read_counter()
                                              : pt_clock_ns();
}

/* The same moment on two clocks, as near as can be. */
struct pt_clock_pair {
    uint64_t ns;  // monotonic
    uint64_t ticks;
};

/* Hook-safe. Any thread. */
struct pt_clock_pair pt_clock_pair(enum pt_tick_kind kind);

/* How far to shift ticks for units of some 10 ns. */
uint32_t pt_clock_unit_shift(enum pt_tick_kind kind);

/* Nanoseconds since 1970-01-01 UTC. Hook-safe. Any thread. */
uint64_t pt_clock_unix_ns(void);

#endif
