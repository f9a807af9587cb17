/* SPDX-License-Identifier: MIT */
/* clock.c - clock_gettime in nanoseconds. */
#include "core/base/clock.h"

#include <time.h>

static uint64_t
read_clock(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t
pt_clock_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t
pt_clock_unix_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}
