/* SPDX-License-Identifier: MIT */
/* test_owntime.c - work, sleep, and waits for a processor. */
#include "tests/unit/support.h"

#include "native/owntime.h"

#define MS UINT64_C(1000000)

static struct rusage
usage_of(uint64_t user_ms, uint64_t system_ms, long put_off)
{
    return (struct rusage){
        .ru_utime = {.tv_sec = (time_t)(user_ms / 1000),
                     .tv_usec = (suseconds_t)(user_ms % 1000 * 1000)},
        .ru_stime = {.tv_sec = (time_t)(system_ms / 1000),
                     .tv_usec = (suseconds_t)(system_ms % 1000 * 1000)},
        .ru_nivcsw = put_off,
    };
}

static void
test_look(void **state)
{
    static const struct {
        uint64_t wall_ms, user_ms, system_ms;
        long put_off;
        uint64_t own_ms;  // since the row before
    } row[] = {
        {5000, 300, 200, 7, 0},     // what was before does not count
        {5100, 380, 220, 7, 100},   // work
        {6100, 380, 220, 7, 1000},  // sleep
        {6200, 390, 220, 7, 100},   // some of both
        {7200, 430, 270, 9, 90},    // put off twice
        {7300, 430, 270, 9, 100},   // sleep again
        {7400, 1000, 300, 9, 600},  // on several processors
        {7500, 1000, 300, 10, 0},   // did nothing but wait
        {7500, 1000, 300, 10, 0},
    };
    struct pt_owntime own = {0};
    uint64_t sum_ms = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct rusage usage =
            usage_of(row[i].user_ms, row[i].system_ms, row[i].put_off);

        sum_ms += row[i].own_ms;
        assert_int_equal(pt_owntime_look(&own, row[i].wall_ms * MS, &usage),
                         row[i].own_ms * MS);
        assert_int_equal(own.ns, sum_ms * MS);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_look),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
