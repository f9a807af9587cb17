/* SPDX-License-Identifier: MIT */
/* test_eventlog.c - events that are read while others are written. */
#include "tests/unit/support.h"

#include "core/timeline/eventlog.h"

#define PAGE_BYTES 4096
#define FEW 20000u    // in more than a page
#define MANY 200000u  // in extents of their own

static struct pt_timeline timeline;

static int
attach(void **state)
{
    *state = &timeline;
    pt_stream_thread = 0;
    if (pt_timeline_attach(&timeline, new_recording(0), NULL) != PT_OK ||
        pt_stream_open(&timeline, PT_STREAM_GIL, PAGE_BYTES) != PT_OK ||
        pt_stream_open(&timeline, PT_STREAM_FREE, PAGE_BYTES) != PT_OK) {
        return -1;
    }
    return 0;
}

/* No two alike and none near the one before, so that they take their room. */
static uint32_t
line_of(uint32_t i)
{
    return (i * 2654435761u >> 2) + 1;
}

/* Lines, and here and there a block numbered by them that is born without the
 * GIL. */
static void
write_events(uint32_t from, uint32_t to, uint32_t block_each)
{
    for (uint32_t i = from; i < to; i++) {
        pt_stream_line(&timeline.stream[PT_STREAM_GIL], 1, line_of(i));
        if (i % block_each == 0) {
            pt_stream_block_free(&timeline.stream[PT_STREAM_FREE],
                                 PT_EVENT_ALLOC, i);
        }
    }
}

struct seen {
    uint32_t lines;   // as many, from 1 on, each behind the one before
    uint32_t blocks;  // each where it was written
    int is_cut;
};

static struct seen
read_events(const struct pt_reader *reader, uint32_t block_each)
{
    struct seen seen = {0};
    struct pt_eventlog *log;
    struct pt_event event;

    assert_int_equal(pt_eventlog_open(&log, reader, 0), PT_OK);
    while (pt_eventlog_next(log, &event) > 0) {
        if (event.kind == PT_KIND_LINE) {
            assert_int_equal(event.line, line_of(seen.lines + 1));
            seen.lines++;
        }
        else if (event.kind == PT_KIND_ALLOC) {
            assert_int_equal(event.pair, (seen.blocks + 1) * block_each);
            assert_int_equal(event.pair, seen.lines);
            seen.blocks++;
        }
    }
    assert_int_equal(pt_eventlog_next(log, &event), 0);
    assert_int_equal(pt_eventlog_lost(log), 0);
    seen.is_cut = pt_eventlog_is_cut(log);
    pt_eventlog_close(log);
    return seen;
}

/* Read what a reader of the first events finds when there are many. */
static void
expect_beginning(uint32_t block_each)
{
    struct pt_reader *reader;
    struct seen seen;

    write_events(1, FEW, block_each);
    reader = open_reader(timeline.fd);
    write_events(FEW, MANY, block_each);
    seen = read_events(reader, block_each);
    assert_true(seen.is_cut);
    assert_in_range(seen.lines, 1, MANY - 2);
    pt_reader_close(reader);

    reader = open_reader(timeline.fd);
    seen = read_events(reader, block_each);
    assert_false(seen.is_cut);
    assert_int_equal(seen.lines, MANY - 1);
    assert_int_equal(seen.blocks, (MANY - 1) / block_each);
    pt_reader_close(reader);
}

static void
events_end_where_the_reader_knows_no_more(void **state)
{
    (void)state;
    expect_beginning(MANY);
}

/* Those of the other stream, too, and none that would come too early. */
static void
events_of_both_streams_end(void **state)
{
    (void)state;
    expect_beginning(1);
}

/* What is in pages that were begun anew in known extents is not missing. */
static void
what_goes_on_in_known_extents_is_read(void **state)
{
    const uint32_t begun = PT_SIZE(FEW, 100u);
    struct pt_reader *reader;
    struct seen seen;

    (void)state;
    write_events(1, begun, MANY);
    reader = open_reader(timeline.fd);
    write_events(begun, 2 * begun, MANY);
    seen = read_events(reader, MANY);
    assert_false(seen.is_cut);
    assert_int_equal(seen.lines, 2 * begun - 1);
    pt_reader_close(reader);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define WITH(test) cmocka_unit_test_setup_teardown(test, attach, release_state)
        WITH(events_end_where_the_reader_knows_no_more),
        WITH(events_of_both_streams_end),
        WITH(what_goes_on_in_known_extents_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
