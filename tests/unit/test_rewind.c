/* SPDX-License-Identifier: MIT */
/* test_rewind.c - moments found by their names, and what is known of them. */
#include "core/timeline/rewind.h"

#include "core/base/rawmem.h"
#include "core/timeline/instant.h"
#include "tests/unit/figures.h"

#define PAGE_BYTES 4096
#define SIZE 100
#define ALL (PT_WANT_COUNT | PT_WANT_MEM | PT_WANT_ALLOC_EVENTS)

static void
start(struct figures *figures, uint32_t wanted)
{
    figures_start(figures, wanted, "a.py");
    pt_stream_thread = 0;
    assert_int_equal(
        pt_stream_open(&figures->timeline, PT_STREAM_GIL, PAGE_BYTES), PT_OK);
    add_pair_at(figures, 0, SIZE, 0, 0);
}

/* That many blocks of the pair are born, or die. */
static void
change(struct figures *figures, int count)
{
    struct pt_timeline *timeline = &figures->timeline;
    struct pt_pair *pair = item_of(timeline, PT_SEGMENT_PAIR, 1);

    for (int i = 0; i < abs(count); i++) {
        pt_stream_block(&timeline->stream[PT_STREAM_GIL],
                        count > 0 ? PT_EVENT_ALLOC : PT_EVENT_FREE, 1);
    }
    pair->live += count;
    pair->allocated += count > 0 ? (uint64_t)count : 0;
    timeline->process->traced_bytes =
        (uint64_t)atomic_load(&pair->live) * SIZE;
    if (timeline->process->traced_bytes > timeline->process->peak_bytes) {
        atomic_store(&timeline->process->peak_bytes,
                     atomic_load(&timeline->process->traced_bytes));
    }
}

static void
mark(struct figures *figures, const char *label)
{
    pt_stream_note(&figures->timeline.stream[PT_STREAM_GIL], PT_OTHER_MARK,
                   label, strlen(label));
}

static int64_t
live_of(const struct pt_reader *reader, uint32_t process)
{
    struct pt_pair pair;

    assert_true(pt_reader_copy(reader, process, PT_SEGMENT_PAIR, 1, &pair,
                               sizeof(pair)));
    return atomic_load(&pair.live);
}

/* Rewind to a moment: what was found, and, in *live, the blocks of then. */
static struct pt_rewound
rewound_to(const struct figures *figures, const char *moment, int64_t *live)
{
    struct pt_reader *reader = open_reader(figures->fd);
    struct pt_rewound rewound;

    assert_int_equal(pt_rewind(reader, moment, &rewound), PT_OK);
    assert_true(rewound.is_possible);
    *live = live_of(reader, 0);
    pt_reader_close(reader);
    return rewound;
}

static struct pt_rewound
refused(const struct figures *figures, const char *moment)
{
    struct pt_reader *reader = open_reader(figures->fd);
    struct pt_rewound rewound;
    int64_t live = live_of(reader, 0);

    assert_int_equal(pt_rewind(reader, moment, &rewound), PT_ERR_RANGE);
    assert_false(rewound.is_possible);
    assert_int_equal(live_of(reader, 0), live);
    pt_reader_close(reader);
    return rewound;
}

static void
marks_are_moments_the_last_of_a_label(void **state)
{
    struct pt_rewound rewound;
    struct figures figures;
    int64_t live;

    (void)state;
    start(&figures, ALL);
    change(&figures, 3);
    mark(&figures, "one");
    change(&figures, 4);
    mark(&figures, "two");
    change(&figures, -5);
    mark(&figures, "one");
    change(&figures, 1);
    rewound = rewound_to(&figures, "two", &live);
    assert_int_equal(live, 7);
    assert_false(rewound.is_snapshot);
    assert_false(rewound.is_end);
    // Lines had no events: nobody knows how often they had run.
    assert_int_equal(rewound.forgotten, PT_WANT_COUNT);
    rewound_to(&figures, "one", &live);
    assert_int_equal(live, 2);
    assert_int_equal(refused(&figures, "on").time_ns, 0);
    assert_int_equal(refused(&figures, "").time_ns, 0);
    figures_end(&figures);
}

static void
snapshots_come_first(void **state)
{
    struct pt_rewound rewound;
    struct figures figures;
    int64_t live;

    (void)state;
    start(&figures, ALL);
    change(&figures, 3);
    assert_int_equal(pt_instant_take(&figures.timeline, "one", 3), PT_OK);
    change(&figures, 3);
    mark(&figures, "one");
    rewound = rewound_to(&figures, "one", &live);
    assert_true(rewound.is_snapshot);
    assert_int_equal(live, 3);
    rewound = rewound_to(&figures, "#0", &live);
    assert_true(rewound.is_snapshot);
    assert_int_equal(live, 3);
    figures_end(&figures);
}

static void
seconds_are_moments(void **state)
{
    static const char *const none[] = {"-1", "1e9", "1s", "nan", "inf", "0x"};
    struct pt_header *header;
    struct pt_rewound rewound;
    struct figures figures;
    int64_t live;

    (void)state;
    start(&figures, ALL);
    header = figures.timeline.header;
    change(&figures, 3);
    rewound = rewound_to(&figures, "0", &live);
    assert_int_equal(rewound.time_ns, header->start_ns);
    assert_int_equal(live, 0);
    header->ended = 1;
    header->end_ns = header->start_ns + UINT64_C(5000000000);
    rewound = rewound_to(&figures, "4.5", &live);
    assert_int_equal(rewound.time_ns, header->start_ns + UINT64_C(4500000000));
    assert_false(rewound.is_end);
    assert_int_equal(live, 3);
    rewound = rewound_to(&figures, "5", &live);
    assert_true(rewound.is_end);
    assert_int_equal(rewound.forgotten, 0);
    assert_int_equal(live, 3);
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        assert_int_equal(refused(&figures, none[i]).time_ns, 0);
    }
    figures_end(&figures);
}

/* Put a row of samples behind everything else in the file. */
static void
add_samples(struct figures *figures, const struct pt_sample *sample,
            size_t count)
{
    struct pt_header *header = figures->timeline.header;
    struct pt_extent extent = {
        .magic = PT_EXTENT_MAGIC,
        .segment = PT_SEGMENT_SAMPLE,
        .offset = atomic_load(&header->file_end),
        .bytes = header->align_bytes,
        .payload_bytes = count * sizeof(*sample),
    };
    off_t at = (off_t)extent.offset;

    extent.check = pt_extent_check(&extent);
    assert_int_equal(pwrite(figures->fd, &extent, sizeof(extent), at),
                     sizeof(extent));
    assert_int_equal(pwrite(figures->fd, sample, count * sizeof(*sample),
                            at + (off_t)sizeof(extent)),
                     count * sizeof(*sample));
    assert_int_equal(ftruncate(figures->fd, at + (off_t)extent.bytes), 0);
}

static void
without_events_a_sample_tells_what_was_held(void **state)
{
    struct pt_rewound rewound;
    struct figures figures;
    uint64_t start_ns;

    (void)state;
    start(&figures, PT_WANT_MEM);
    start_ns = figures.timeline.header->start_ns;
    change(&figures, 3);
    add_samples(&figures,
                (struct pt_sample[]){{start_ns + 1000000000, 111, 0, 0, {0}},
                                     {start_ns + 2000000000, 222, 0, 0, {0}},
                                     {start_ns + 3000000000, 333, 0, 0, {0}}},
                3);
    rewound = refused(&figures, "2.5");
    assert_int_equal(rewound.time_ns, start_ns + UINT64_C(2500000000));
    assert_int_equal(rewound.held_bytes, 222);
    assert_int_equal(rewound.sampled_ns, start_ns + UINT64_C(2000000000));
    rewound = refused(&figures, "0.5");
    assert_int_not_equal(rewound.time_ns, 0);
    assert_int_equal(rewound.held_bytes, 0);
    assert_int_equal(rewound.sampled_ns, 0);
    figures_end(&figures);
}

static void
lose_events(void)
{
    struct pt_rewound rewound;
    struct pt_reader *reader;
    struct figures figures;

    start(&figures, ALL);
    change(&figures, 3);
    mark(&figures, "before");
    limit_file_size(file_bytes(figures.fd));
    while (figures.timeline.process->dropped_events == 0) {
        change(&figures, 1000);
    }
    mark(&figures, "behind");
    change(&figures, -1000);
    reader = open_reader(figures.fd);
    child_check(pt_rewind(reader, "before", &rewound) == PT_ERR_RANGE);
    pt_reader_close(reader);
    reader = open_reader(figures.fd);
    child_check(pt_rewind(reader, "behind", &rewound) == PT_OK);
    child_check(live_of(reader, 0) % 1000 == 3);
    child_check(
        live_of(reader, 0) ==
        ((struct pt_pair *)item_of(&figures.timeline, PT_SEGMENT_PAIR, 1))
                ->live +
            1000);
    pt_reader_close(reader);
}

/* A moment in front of lost events cannot be known, one behind them can. */
static void
lost_events_hide_what_was_before_them(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(lose_events), 0);
}

static void
of_a_kept_end_only_that_is_known(void **state)
{
    struct figures figures;
    int64_t live;

    (void)state;
    start(&figures, ALL);
    figures.timeline.header->ring_bytes = 1 << 20;
    change(&figures, 3);
    mark(&figures, "here");
    change(&figures, 5);
    rewound_to(&figures, "here", &live);
    assert_int_equal(live, 3);
    // The first event that was kept is behind the start.
    assert_int_not_equal(refused(&figures, "0").time_ns, 0);
    figures_end(&figures);
}

static void
processes_that_began_later_are_not_there(void **state)
{
    struct pt_rewound rewound;
    struct pt_reader *reader;
    struct figures figures;
    pid_t child;

    (void)state;
    start(&figures, ALL);
    change(&figures, 3);
    mark(&figures, "alone");
    child = fork_timeline(&figures.timeline);
    if (child == 0) {
        change(&figures, 4);
        mark(&figures, "child");
        change(&figures, 4);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
    reader = open_reader(figures.fd);
    assert_int_equal(pt_rewind(reader, "alone", &rewound), PT_OK);
    assert_null(pt_reader_process(reader, 1));
    pt_reader_close(reader);
    reader = open_reader(figures.fd);
    assert_int_equal(pt_rewind(reader, "child", &rewound), PT_OK);
    assert_non_null(pt_reader_process(reader, 1));
    assert_int_equal(live_of(reader, 0), 3);
    pt_reader_close(reader);
    figures_end(&figures);
}

static void
the_peak_is_found_among_the_events(void **state)
{
    struct pt_rewound rewound;
    struct pt_reader *reader;
    struct figures figures;

    (void)state;
    start(&figures, ALL);
    change(&figures, 30);
    change(&figures, -20);
    change(&figures, 35);
    change(&figures, -40);
    change(&figures, 7);
    reader = open_reader(figures.fd);
    assert_int_equal(pt_rewind_to_peak(reader, &rewound), PT_OK);
    assert_int_equal(live_of(reader, 0), 45);
    assert_int_equal(pt_reader_process(reader, 0)->peak_bytes, 45 * SIZE);
    pt_reader_close(reader);
    figures_end(&figures);
    start(&figures, PT_WANT_MEM);
    reader = open_reader(figures.fd);
    assert_int_equal(pt_rewind_to_peak(reader, &rewound), PT_ERR_RANGE);
    pt_reader_close(reader);
    figures_end(&figures);
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    static const char *const moments[] = {"one", "0", "peak"};
    struct figures figures;

    (void)state;
    start(&figures, ALL);
    change(&figures, 3);
    mark(&figures, "one");
    change(&figures, 3);
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        int is_done = 0;

        for (uint64_t nth = 1; !is_done; nth++) {
            struct pt_reader *reader = open_reader(figures.fd);
            struct pt_rewound rewound;
            int code;

            pt_rawmem_fail_at(nth);
            code = i == 2 ? pt_rewind_to_peak(reader, &rewound)
                          : pt_rewind(reader, moments[i], &rewound);
            is_done = !pt_rawmem_has_failed();
            pt_rawmem_fail_at(0);
            assert_int_equal(code, is_done ? PT_OK : PT_ERR_NOMEM);
            pt_reader_close(reader);
        }
    }
    figures_end(&figures);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_moments_the_last_of_a_label),
        cmocka_unit_test(snapshots_come_first),
        cmocka_unit_test(seconds_are_moments),
        cmocka_unit_test(without_events_a_sample_tells_what_was_held),
        cmocka_unit_test(lost_events_hide_what_was_before_them),
        cmocka_unit_test(of_a_kept_end_only_that_is_known),
        cmocka_unit_test(processes_that_began_later_are_not_there),
        cmocka_unit_test(the_peak_is_found_among_the_events),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
