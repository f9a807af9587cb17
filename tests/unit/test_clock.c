/* SPDX-License-Identifier: MIT */
/* test_clock.c - nanoseconds that run forward, and those of the calendar. */
#include "tests/unit/support.h"

#include <time.h>

#include "core/base/clock.h"

static void
the_monotonic_clock_never_goes_back(void **state)
{
    uint64_t before = pt_clock_ns();

    (void)state;
    for (int i = 0; i < 10000; i++) {
        uint64_t now = pt_clock_ns();

        assert_true(now >= before);
        before = now;
    }
}

static void
the_monotonic_clock_counts_nanoseconds(void **state)
{
    struct timespec wait = {0, 20 * 1000 * 1000};
    uint64_t before = pt_clock_ns();

    (void)state;
    nanosleep(&wait, NULL);
    assert_in_range(pt_clock_ns() - before, 20 * 1000 * 1000,
                    UINT64_C(60) * 1000 * 1000 * 1000);
}

static void
the_calendar_clock_agrees_with_time(void **state)
{
    uint64_t now = (uint64_t)time(NULL);
    uint64_t seconds = pt_clock_unix_ns() / UINT64_C(1000000000);

    (void)state;
    assert_in_range(seconds, now - 1, now + 60);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_monotonic_clock_never_goes_back),
        cmocka_unit_test(the_monotonic_clock_counts_nanoseconds),
        cmocka_unit_test(the_calendar_clock_agrees_with_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
