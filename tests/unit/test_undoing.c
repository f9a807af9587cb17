/* SPDX-License-Identifier: MIT */
/* test_undoing.c - events taken back, one moment after the other. */
#include "core/timeline/undoing.h"

#include "core/base/clock.h"
#include "core/base/rawmem.h"
#include "core/timeline/eventlog.h"
#include "tests/unit/figures.h"

#define PAGE_BYTES 4096
#define EVENTS 400
#define PAIRS 4
#define OLDER 3  // blocks of each pair from before the first event
#define NOBODY 7

/* Pairs 1 to PAIRS, the last of raw memory, and one native pair. */
struct run {
    struct figures figures;
    struct pt_pair *pair[PAIRS + 1];
    struct pt_native_pair *native;
    uint64_t *line;   // counters of lines 10 and 11
    uint64_t *probe;  // and one of a probe
    uint32_t code;    // whose lines are counted
    uint32_t probed;  // whose lines follow from probes
    uint32_t state;   // of the dice
};

/* What is there after so many events of ours. */
struct known {
    int64_t live[PAIRS + 1];
    uint64_t allocated[PAIRS + 1];
    uint64_t native_allocated, native_freed;
    uint64_t hits;
    int64_t bytes, raw_bytes, most_bytes;
};

static struct pt_native_pair *
add_native(struct figures *figures)
{
    struct pt_timeline *timeline = &figures->timeline;

    // Item 1 is not used.
    assert_int_equal(pt_timeline_append(timeline, PT_SEGMENT_NATIVE, 1), 1);
    assert_int_equal(pt_timeline_append(timeline, PT_SEGMENT_NATIVE, 1), 2);
    return item_of(timeline, PT_SEGMENT_NATIVE, 2);
}

static void
start(struct run *run)
{
    static const int counts[] = {0, 0};
    struct pt_timeline *timeline = &run->figures.timeline;
    struct pt_code *probed;
    uint32_t file, term;

    *run = (struct run){.state = 1};
    figures_start(&run->figures, PT_WANT_COUNT | PT_WANT_MEM, "a.py");
    pt_stream_thread = 0;
    assert_int_equal(pt_stream_open(timeline, PT_STREAM_GIL, PAGE_BYTES),
                     PT_OK);
    assert_int_equal(pt_stream_open(timeline, PT_STREAM_FREE, PAGE_BYTES),
                     PT_OK);
    for (uint32_t i = 1; i <= PAIRS; i++) {
        run->pair[i] = add_pair_at(&run->figures, 0, i * 100, OLDER, OLDER);
    }
    run->pair[PAIRS]->domain = PT_DOMAIN_RAW;
    run->native = add_native(&run->figures);
    file = add_file(&run->figures, "/a.py");
    run->code = add_code(&run->figures, file, 10, counts, COUNT_OF(counts));
    run->probed = add_code(&run->figures, file, 10, counts, COUNT_OF(counts));
    term = pt_timeline_append(timeline, PT_SEGMENT_TERM, 1);
    probed = item_of(timeline, PT_SEGMENT_CODE, run->probed);
    probed->term = term;
    probed->terms = 1;
    run->line = item_of(
        timeline, PT_SEGMENT_COUNTER,
        ((struct pt_code *)item_of(timeline, PT_SEGMENT_CODE, run->code))
            ->counter);
    run->probe = item_of(timeline, PT_SEGMENT_COUNTER, probed->counter);
    *run->probe = PT_COUNTER_EXECUTABLE | 1000;
}

static uint32_t
roll(struct run *run, uint32_t sides)
{
    run->state = run->state * 1664525u + 1013904223u;
    return (run->state >> 16) % sides;
}

/* One event, in the stream and in the counts. */
static void
do_something(struct run *run, struct known *now)
{
    struct pt_timeline *timeline = &run->figures.timeline;
    struct pt_stream *stream = &timeline->stream[PT_STREAM_GIL];
    uint32_t id = 1 + roll(run, PAIRS);
    int64_t bytes = (int64_t)run->pair[id]->size_bytes;

    switch (roll(run, 4)) {
    case 0:
        pt_stream_line(stream, run->code, 11);
        run->line[1]++;
        now->hits++;
        return;
    case 1:
        pt_stream_native(&timeline->stream[PT_STREAM_FREE], 2,
                         now->native_freed == now->native_allocated);
        if (now->native_freed == now->native_allocated) {
            now->native_allocated = ++run->native->allocated;
        }
        else {
            now->native_freed = ++run->native->freed;
        }
        return;
    case 2:
        pt_stream_block(stream, PT_EVENT_ALLOC, id);
        now->live[id]++;
        now->allocated[id]++;
        break;
    default:
        if (now->live[id] == 0) {
            pt_stream_line(stream, run->probed, 11);  // counted by probes
            return;
        }
        pt_stream_block(stream, PT_EVENT_FREE, id);
        now->live[id]--;
        bytes = -bytes;
    }
    *(id == PAIRS ? &now->raw_bytes : &now->bytes) += bytes;
    if (now->bytes + now->raw_bytes > now->most_bytes) {
        now->most_bytes = now->bytes + now->raw_bytes;
    }
    atomic_store(&run->pair[id]->live, now->live[id]);
    atomic_store(&run->pair[id]->allocated, now->allocated[id]);
}

/* Fill `known` for the moments after 0, 1, ..., EVENTS events. */
static void
do_much(struct run *run, struct known *known)
{
    struct pt_header *header = run->figures.timeline.header;
    struct pt_clock_pair end;

    known[0] = (struct known){0};
    for (uint32_t i = 1; i <= PAIRS; i++) {
        known[0].live[i] = OLDER;
        known[0].allocated[i] = OLDER;
        *(i == PAIRS ? &known[0].raw_bytes : &known[0].bytes) +=
            OLDER * i * 100;
    }
    known[0].most_bytes = known[0].bytes + known[0].raw_bytes;
    for (uint32_t i = 1; i <= EVENTS; i++) {
        known[i] = known[i - 1];
        do_something(run, &known[i]);
    }
    end = pt_clock_pair((enum pt_tick_kind)header->tick_kind);
    atomic_store(&header->latest_ns, end.ns);
    atomic_store(&header->latest_ticks, end.ticks);
    atomic_store(&run->figures.timeline.process->traced_bytes,
                 (uint64_t)known[EVENTS].bytes);
    atomic_store(&run->figures.timeline.process->raw_bytes,
                 known[EVENTS].raw_bytes);
}

static void
expect(const struct run *run, const struct pt_reader *reader,
       const struct known *known)
{
    const struct pt_process *record = pt_reader_process(reader, 0);
    struct pt_native_pair native;
    struct pt_pair pair;
    struct pt_code code;
    uint64_t counter;

    for (uint32_t i = 1; i <= PAIRS; i++) {
        assert_true(pt_reader_copy(reader, 0, PT_SEGMENT_PAIR, i, &pair,
                                   sizeof(pair)));
        assert_int_equal(pair.live, known->live[i]);
        assert_int_equal(pair.allocated, known->allocated[i]);
    }
    assert_true(pt_reader_copy(reader, 0, PT_SEGMENT_NATIVE, 2, &native,
                               sizeof(native)));
    assert_int_equal(native.allocated, known->native_allocated);
    assert_int_equal(native.freed, known->native_freed);
    assert_true(pt_reader_copy(reader, 0, PT_SEGMENT_CODE, run->code, &code,
                               sizeof(code)));
    assert_true(pt_reader_copy(reader, 0, PT_SEGMENT_COUNTER, code.counter + 1,
                               &counter, sizeof(counter)));
    assert_int_equal(counter & PT_COUNTER_HITS, known->hits);
    assert_true(counter & PT_COUNTER_EXECUTABLE);
    assert_int_equal(record->traced_bytes, known->bytes);
    assert_int_equal(record->raw_bytes, known->raw_bytes);
    assert_int_equal(record->peak_bytes, known->most_bytes);
    assert_int_equal(record->peak_epoch, UINT32_MAX);
}

static struct pt_reader *
undone(const struct run *run, const struct pt_undo_until *until)
{
    struct pt_reader *reader = open_reader(run->figures.fd);

    assert_int_equal(pt_reader_own(reader), PT_OK);
    assert_int_equal(pt_undo_events(reader, 0, until), PT_OK);
    return reader;
}

/* When and as which of all the events of ours came: a thread begins in front
 * of some. Behind the last there is the end. */
static void
find_ours(const struct run *run, struct pt_event *ours)
{
    struct pt_reader *reader = open_reader(run->figures.fd);
    struct pt_event event;
    struct pt_eventlog *log;
    uint32_t count = 0;

    assert_int_equal(pt_eventlog_open(&log, reader, 0), PT_OK);
    while (pt_eventlog_next(log, &event) > 0) {
        if (event.kind != PT_KIND_THREAD_START) {
            assert_true(count < EVENTS);
            ours[count++] = event;
        }
    }
    assert_int_equal(count, EVENTS);
    pt_eventlog_close(log);
    pt_reader_close(reader);
}

static void
every_moment_is_as_it_was(void **state)
{
    static struct known known[EVENTS + 1];
    static struct pt_event ours[EVENTS];
    struct run run;

    (void)state;
    start(&run);
    do_much(&run, known);
    find_ours(&run, ours);
    for (uint32_t i = 1; i <= EVENTS; i++) {
        struct pt_undo_until until = {1, 0, ours[i - 1].sequence, 0};
        struct pt_reader *reader = undone(&run, &until);

        expect(&run, reader, &known[i]);
        pt_reader_close(reader);
    }
    figures_end(&run.figures);
}

/* Of other processes only the time is known: all that was at it counts. */
static void
a_moment_of_another_process_is_a_time(void **state)
{
    static struct known known[EVENTS + 1];
    static struct pt_event ours[EVENTS];
    struct run run;

    (void)state;
    start(&run);
    do_much(&run, known);
    find_ours(&run, ours);
    for (uint32_t i = 1; i <= EVENTS; i += 7) {
        struct pt_undo_until until = {1, NOBODY, 0, ours[i - 1].time_ns};
        struct pt_reader *reader = undone(&run, &until);
        uint32_t last = i;

        while (last < EVENTS && ours[last].time_ns == until.time_ns) {
            last++;
        }
        expect(&run, reader, &known[last]);
        pt_reader_close(reader);
    }
    figures_end(&run.figures);
}

static void
probes_and_what_is_not_there_are_left_alone(void **state)
{
    struct pt_undo_until until = {1, NOBODY, 0, 0};
    struct pt_reader *reader;
    struct pt_stream *stream;
    struct run run;

    (void)state;
    start(&run);
    stream = &run.figures.timeline.stream[PT_STREAM_GIL];
    pt_stream_block(stream, PT_EVENT_ALLOC, 999);
    pt_stream_line(stream, 999, 11);
    pt_stream_line(stream, run.code, 9);
    pt_stream_line(stream, run.code, 12);
    pt_stream_line(stream, run.code, 11);  // never counted
    pt_stream_line(stream, run.probed, 10);
    pt_stream_native(&run.figures.timeline.stream[PT_STREAM_FREE], 999, 1);
    reader = undone(&run, &until);
    assert_int_equal(hits_of(reader, 0), 1000);
    pt_reader_close(reader);
    figures_end(&run.figures);
}

static void
what_is_forgotten_has_no_figures(void **state)
{
    struct pt_reader *reader;
    struct pt_code code;
    struct pt_pair pair;
    struct run run;

    (void)state;
    start(&run);
    reader = open_reader(run.figures.fd);
    assert_int_equal(pt_reader_own(reader), PT_OK);
    pt_undo_forget(reader, 0, PT_WANT_COUNT);
    assert_true(
        pt_reader_copy(reader, 0, PT_SEGMENT_CODE, 1, &code, sizeof(code)));
    assert_int_equal(code.counter, 0);
    assert_true(
        pt_reader_copy(reader, 0, PT_SEGMENT_PAIR, 1, &pair, sizeof(pair)));
    assert_int_equal(pair.live, OLDER);
    pt_undo_forget(reader, 0, PT_WANT_MEM);
    assert_true(
        pt_reader_copy(reader, 0, PT_SEGMENT_PAIR, 1, &pair, sizeof(pair)));
    assert_int_equal(pair.live, 0);
    assert_int_equal(pair.allocated, 0);
    pt_reader_close(reader);
    // The file is as it was.
    assert_int_equal(run.pair[1]->live, OLDER);
    figures_end(&run.figures);
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    static struct known known[EVENTS + 1];
    struct pt_undo_until until = {1, NOBODY, 0, 0};
    struct run run;
    int is_done = 0;

    (void)state;
    start(&run);
    do_much(&run, known);
    for (uint64_t nth = 1; !is_done; nth++) {
        struct pt_reader *reader = open_reader(run.figures.fd);
        int code;

        assert_int_equal(pt_reader_own(reader), PT_OK);
        pt_rawmem_fail_at(nth);
        code = pt_undo_events(reader, 0, &until);
        is_done = !pt_rawmem_has_failed();
        pt_rawmem_fail_at(0);
        assert_int_equal(code, is_done ? PT_OK : PT_ERR_NOMEM);
        if (is_done) {
            expect(&run, reader, &known[0]);
        }
        pt_reader_close(reader);
    }
    figures_end(&run.figures);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_moment_is_as_it_was),
        cmocka_unit_test(a_moment_of_another_process_is_a_time),
        cmocka_unit_test(probes_and_what_is_not_there_are_left_alone),
        cmocka_unit_test(what_is_forgotten_has_no_figures),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
