/* SPDX-License-Identifier: MIT */
/* clock.c - clock_gettime in nanoseconds. */
#include "core/base/clock.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

enum pt_tick_kind
pt_clock_best_kind(void)
{
    // The kernel leaves these when it finds that processors differ.
    static const char *const steady[] = {"tsc\n", "kvm-clock\n",
                                         "hyperv_clocksource_tsc_page\n",
                                         "arch_sys_counter\n"};
    char name[64] = "";
    int fd = open("/sys/devices/system/clocksource/clocksource0/"
                  "current_clocksource",
                  O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        if (read(fd, name, sizeof(name) - 1) <= 0) {
            name[0] = '\0';
        }
        close(fd);
    }
    for (size_t i = 0; i < sizeof(steady) / sizeof(steady[0]); i++) {
        if (strcmp(name, steady[i]) == 0) {
            return PT_TICK_COUNTER;
        }
    }
    return PT_TICK_NS;
}

struct pt_clock_pair
pt_clock_pair(enum pt_tick_kind kind)
{
    struct pt_clock_pair best = {0, 0};
    uint64_t least = UINT64_MAX;

    // A thread may be stopped between two readings: the closest are taken.
    for (int i = 0; i < 3; i++) {
        uint64_t before = pt_clock_ticks(kind);
        uint64_t ns = pt_clock_ns();
        uint64_t after = pt_clock_ticks(kind);

        if (after - before < least) {
            least = after - before;
            best = (struct pt_clock_pair){ns, before + (after - before) / 2};
        }
    }
    return best;
}

uint32_t
pt_clock_unit_shift(enum pt_tick_kind kind)
{
    // x86 counts at 2 to 5 GHz, others at a rate of their own.
#if defined(__x86_64__)
    return kind == PT_TICK_COUNTER ? 5 : 4;
#else
    return kind == PT_TICK_COUNTER ? 0 : 4;
#endif
}
