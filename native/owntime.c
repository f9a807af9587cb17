/* SPDX-License-Identifier: MIT */
/* owntime.c - a gap in the work was sleep, or a wait for a processor. */
#include "native/owntime.h"

static uint64_t
nanoseconds(const struct timeval *time)
{
    return ((uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_usec) * 1000;
}

uint64_t
pt_owntime_look(struct pt_owntime *own, uint64_t wall_ns,
                const struct rusage *usage)
{
    uint64_t processor_ns =
        nanoseconds(&usage->ru_utime) + nanoseconds(&usage->ru_stime);
    uint64_t elapsed_ns = wall_ns - own->wall_ns;
    uint64_t own_ns = processor_ns - own->processor_ns;

    if (own->wall_ns == 0) {
        own_ns = 0;
    }
    else if (usage->ru_nivcsw == own->put_off && own_ns < elapsed_ns) {
        own_ns = elapsed_ns;
    }
    own->wall_ns = wall_ns;
    own->processor_ns = processor_ns;
    own->put_off = usage->ru_nivcsw;
    own->ns += own_ns;
    return own_ns;
}
