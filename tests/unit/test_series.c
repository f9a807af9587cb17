/* SPDX-License-Identifier: MIT */
/* test_series.c - leaks, and what only looks like one. */
#include "tests/unit/support.h"

#include <inttypes.h>

#include "cli/report/figures/series.h"
#include "core/base/rawmem.h"

#define WORK 1000

/* What a line holds after so much work. */
typedef int64_t (*line_of_work)(int64_t work);

static int64_t
leak_a_kilobyte(int64_t work)
{
    return 5000 + 1024 * work;
}

static int64_t
leak_now_and_then(int64_t work)
{
    return work / 20 * 100;
}

/* A list that grows by an eighth when it is full. */
static int64_t
leak_into_a_list(int64_t work)
{
    int64_t room = 8;

    while (room < work) {
        room += room / 8;
    }
    return room * 8;
}

static int64_t
leak_after_a_start(int64_t work)
{
    return work < 400 ? 3000 : 3000 + 10 * (work - 400);
}

static int64_t
fill_a_cache(int64_t work)
{
    return work < 128 ? work * 2048 : 128 * 2048;
}

static int64_t
fill_half_the_time(int64_t work)
{
    return work < WORK / 2 ? work * 100 : WORK / 2 * 100;
}

static int64_t
warm_up(int64_t work)
{
    return work < 5 ? work * 100000 : 500000;
}

static int64_t
go_up_and_down(int64_t work)
{
    return work * 7919 % 1000;
}

/* Slower and slower: one dict doubled. */
static int64_t
double_a_dict(int64_t work)
{
    int64_t room = 8;

    while (room < work) {
        room *= 2;
    }
    return room * 100;
}

/* With what is in it, on the same line. */
static int64_t
fill_a_dict(int64_t work)
{
    return double_a_dict(work) + 16 * work;
}

static int64_t
one_each(int64_t work)
{
    return work;
}

static int64_t
come_at_the_end(int64_t work)
{
    return work < WORK - 10 ? 0 : 5000;
}

static int64_t
shrink(int64_t work)
{
    return 1000000 - 100 * work;
}

static int64_t
hold(int64_t work)
{
    (void)work;
    return 4096;
}

static const struct {
    line_of_work line;
    enum pt_growth_shape shape;
    uint64_t full_work;
    line_of_work blocks;  // NULL: one for each kilobyte
} lines[] = {
    {leak_a_kilobyte, PT_GROWTH_LEAK, 0, NULL},
    {leak_now_and_then, PT_GROWTH_LEAK, 0, NULL},
    {leak_into_a_list, PT_GROWTH_LEAK, 0, NULL},
    {leak_after_a_start, PT_GROWTH_LEAK, 0, NULL},
    {fill_a_dict, PT_GROWTH_LEAK, 0, one_each},
    // Of the rest, after how much work it is full; a point is taken every 8.
    {fill_a_cache, PT_GROWTH_CACHE, 128, NULL},
    {fill_half_the_time, PT_GROWTH_CACHE, 480, NULL},
    {warm_up, PT_GROWTH_WARM_UP, 8, NULL},
    {go_up_and_down, PT_GROWTH_UNEVEN, 136, NULL},
    {double_a_dict, PT_GROWTH_CACHE, 520, hold},
    {come_at_the_end, PT_GROWTH_UNEVEN, 992, NULL},
    // These did not grow at all.
    {shrink, PT_GROWTH_UNEVEN, 0, NULL},
    {hold, PT_GROWTH_WARM_UP, 0, NULL},
};

/* Do the work with all lines at once. */
static void
run(struct pt_series *series, int64_t work)
{
    int64_t bytes[COUNT_OF(lines)], blocks[COUNT_OF(lines)];

    assert_int_equal(pt_series_init(series, COUNT_OF(lines)), PT_OK);
    for (int64_t i = 0; i <= work; i++) {
        for (size_t j = 0; j < COUNT_OF(lines); j++) {
            bytes[j] = lines[j].line(i);
            blocks[j] = lines[j].blocks != NULL ? lines[j].blocks(i)
                                                : bytes[j] / 1024;
        }
        pt_series_take(series, (uint64_t)i, bytes, blocks);
    }
}

static void
leaks_are_told_from_caches(void **state)
{
    struct pt_series series;

    (void)state;
    run(&series, WORK);
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct pt_growth growth = pt_series_judge(&series, (uint32_t)i);

        if (growth.shape != lines[i].shape ||
            (growth.shape != PT_GROWTH_LEAK &&
             growth.full_work != lines[i].full_work)) {
            fail_msg("line %zu: shape %d after %" PRIu64, i, growth.shape,
                     growth.full_work);
        }
    }
    pt_series_release(&series);
}

static void
a_leak_has_its_slope(void **state)
{
    struct pt_series series;
    struct pt_growth growth;

    (void)state;
    run(&series, WORK);
    growth = pt_series_judge(&series, 0);
    assert_true(growth.bytes_per_work == 1024.0);
    assert_true(growth.blocks_per_work == 1.0);
    // Points are taken every 8, the last one at the end.
    assert_int_equal(growth.grown_bytes, 1024 * WORK);
    assert_int_equal(growth.grown_blocks, WORK);
    pt_series_release(&series);
}

static void
few_points_tell_nothing(void **state)
{
    struct pt_series series;

    (void)state;
    run(&series, PT_SERIES_LEAST - 2);
    assert_int_equal(series.points, PT_SERIES_LEAST - 1);
    assert_int_not_equal(pt_series_judge(&series, 0).shape, PT_GROWTH_LEAK);
    pt_series_release(&series);
    run(&series, PT_SERIES_LEAST - 1);
    assert_int_equal(pt_series_judge(&series, 0).shape, PT_GROWTH_LEAK);
    pt_series_release(&series);
}

static void
points_are_thinned_out_evenly(void **state)
{
    struct pt_series series;

    (void)state;
    for (int64_t work = 0; work < 3000; work += 119) {
        run(&series, work);
        assert_true(series.points <= PT_SERIES_POINTS);
        assert_true(work < PT_SERIES_POINTS ||
                    series.points >= PT_SERIES_POINTS / 2);
        for (uint32_t i = 0; i < series.points; i++) {
            assert_int_equal(series.work[i], i * series.stride);
            assert_int_equal(series.bytes[i * COUNT_OF(lines)],
                             leak_a_kilobyte((int64_t)series.work[i]));
        }
        pt_series_release(&series);
    }
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    struct pt_series series;

    (void)state;
    for (uint64_t nth = 1; nth <= 2; nth++) {
        pt_rawmem_fail_at(nth);
        assert_int_equal(pt_series_init(&series, 3), PT_ERR_NOMEM);
    }
    pt_rawmem_fail_at(0);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaks_are_told_from_caches),
        cmocka_unit_test(a_leak_has_its_slope),
        cmocka_unit_test(few_points_tell_nothing),
        cmocka_unit_test(points_are_thinned_out_evenly),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
