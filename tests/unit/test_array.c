/* SPDX-License-Identifier: MIT */
/* test_array.c - segments that grow, whose items never move. */
#include "tests/unit/support.h"

static struct pt_timeline timeline;

static int
attach(void **state)
{
    *state = &timeline;
    return pt_timeline_attach(&timeline, -1, NULL);
}

static int
is_zero(const void *block, size_t bytes)
{
    const char *at = block;

    return bytes == 0 || (at[0] == 0 && memcmp(at, at + 1, bytes - 1) == 0);
}

static void
index_zero_is_taken_in_every_segment(void **state)
{
    (void)state;
    for (uint32_t i = PT_SEGMENT_FILE; i < PT_SEGMENT_COUNT; i++) {
        assert_int_equal(pt_timeline_append(&timeline, i, 1), 1);
    }
    assert_int_equal(pt_timeline_text(&timeline, "x", 1), 4);
}

static void
single_items_get_neighbouring_indexes(void **state)
{
    uint32_t wanted = 20 * chunk_items(&timeline, PT_SEGMENT_NODE);

    (void)state;
    for (uint32_t i = 1; i < wanted; i++) {
        assert_int_equal(pt_timeline_append(&timeline, PT_SEGMENT_NODE, 1), i);
    }
    assert_int_equal(*timeline.array[PT_SEGMENT_NODE].items, wanted);
}

static void
items_stay_where_they_are_while_the_array_grows(void **state)
{
    static struct pt_node *node[1000];
    uint32_t step = chunk_items(&timeline, PT_SEGMENT_NODE) / 2;
    uint32_t index[1000];

    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        index[i] = pt_timeline_append(&timeline, PT_SEGMENT_NODE, step);
        assert_int_not_equal(index[i], 0);
        node[i] = item_of(&timeline, PT_SEGMENT_NODE, index[i]);
        node[i]->line = i;
    }
    for (uint32_t i = 0; i < 1000; i++) {
        assert_ptr_equal(item_of(&timeline, PT_SEGMENT_NODE, index[i]),
                         node[i]);
        assert_int_equal(node[i]->line, i);
    }
}

static void
the_items_of_a_run_are_neighbours(void **state)
{
    uint32_t chunk = chunk_items(&timeline, PT_SEGMENT_COUNTER);
    uint32_t counts[] = {1,         2,         chunk - 1, chunk,
                         chunk + 1, 3 * chunk, 100,       70 * chunk};

    (void)state;
    for (size_t i = 0; i < 3 * COUNT_OF(counts); i++) {
        uint32_t count = counts[i % COUNT_OF(counts)];
        uint32_t first =
            pt_timeline_append(&timeline, PT_SEGMENT_COUNTER, count);
        uint64_t *run;

        assert_int_not_equal(first, 0);
        run = item_of(&timeline, PT_SEGMENT_COUNTER, first);
        for (uint32_t j = 0; j < count; j++) {
            assert_ptr_equal(item_of(&timeline, PT_SEGMENT_COUNTER, first + j),
                             run + j);
        }
    }
}

static void
runs_do_not_overlap_and_start_zeroed(void **state)
{
    (void)state;
    for (uint32_t i = 1; i < 300; i++) {
        uint32_t count = i * 7 % 50 + 1;
        uint32_t first = pt_timeline_append(&timeline, PT_SEGMENT_PAIR, count);
        struct pt_pair *run = item_of(&timeline, PT_SEGMENT_PAIR, first);

        assert_true(is_zero(run, count * sizeof(*run)));
        memset(run, 0xff, count * sizeof(*run));
    }
}

static void
segments_do_not_overlap(void **state)
{
    (void)state;
    for (uint32_t i = PT_SEGMENT_FILE; i < PT_SEGMENT_COUNT; i++) {
        size_t bytes = 100 * (size_t)timeline.array[i].item_bytes;
        uint32_t first = pt_timeline_append(&timeline, i, 100);

        assert_true(is_zero(item_of(&timeline, i, first), bytes));
        memset(item_of(&timeline, i, first), 0xff, bytes);
    }
    assert_int_equal(timeline.process->pid, getpid());
}

static void
a_run_too_long_for_any_array_is_refused_and_noted(void **state)
{
    uint32_t chunk = chunk_items(&timeline, PT_SEGMENT_COUNTER);
    uint32_t counts[] = {UINT32_MAX, UINT32_MAX / 2, PT_CHUNKS_MAX * chunk};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        atomic_store(&timeline.process->trouble, 0);
        assert_int_equal(
            pt_timeline_append(&timeline, PT_SEGMENT_COUNTER, counts[i]), 0);
        assert_int_equal(timeline.process->trouble, PT_TROUBLE_MEMORY);
        assert_int_equal(pt_timeline_append(&timeline, PT_SEGMENT_COUNTER, 1),
                         i + 1);
    }
}

static void
an_array_can_be_filled_to_its_last_chunk(void **state)
{
    uint32_t chunk = chunk_items(&timeline, PT_SEGMENT_CODE);
    uint32_t half = PT_CHUNKS_MAX / 2 * chunk, last = 0, index;

    (void)state;
    // The long run leaves a number of chunks that growing steps do not meet.
    assert_int_not_equal(
        pt_timeline_append(&timeline, PT_SEGMENT_CODE, half + chunk), 0);
    while ((index = pt_timeline_append(&timeline, PT_SEGMENT_CODE,
                                       chunk / 2)) != 0) {
        last = index;
    }
    assert_int_equal(last + chunk / 2, PT_CHUNKS_MAX * chunk);
}

static void
nothing_appended_takes_nothing(void **state)
{
    (void)state;
    assert_int_equal(pt_timeline_append(&timeline, PT_SEGMENT_CODE, 0), 1);
    assert_int_equal(pt_timeline_append(&timeline, PT_SEGMENT_CODE, 1), 1);
}

#define test_attached(name) \
  cmocka_unit_test_setup_teardown(name, attach, release_state)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        test_attached(index_zero_is_taken_in_every_segment),
        test_attached(single_items_get_neighbouring_indexes),
        test_attached(items_stay_where_they_are_while_the_array_grows),
        test_attached(the_items_of_a_run_are_neighbours),
        test_attached(runs_do_not_overlap_and_start_zeroed),
        test_attached(segments_do_not_overlap),
        test_attached(a_run_too_long_for_any_array_is_refused_and_noted),
        test_attached(an_array_can_be_filled_to_its_last_chunk),
        test_attached(nothing_appended_takes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
