/* SPDX-License-Identifier: MIT */
/* owntime.h - the time that is the process's own.
 *
 * Neither the clock on the wall, which goes on while a busy machine lets the
 * process wait, nor its processor time, which stands still while it sleeps:
 * a process that nobody put off its processor was asleep.
 *
 *     processor time <= own time <= processor time + time on the wall
 *
 * No lock: the caller has one.
 */
#ifndef PT_NATIVE_OWNTIME_H
#define PT_NATIVE_OWNTIME_H

#include <stdint.h>
#include <sys/resource.h>

/* All 0: nothing was seen yet. */
struct pt_owntime {
    uint64_t ns;  // in all
    // At the last look:
    uint64_t wall_ns;
    uint64_t processor_ns;
    long put_off;  // how often
};

/* How much went by since the last look, at `wall_ns` of the monotonic clock;
 * `usage` is the process's. It is added to what there is. Hook-safe. */
uint64_t pt_owntime_look(struct pt_owntime *own, uint64_t wall_ns,
                         const struct rusage *usage);

#endif
