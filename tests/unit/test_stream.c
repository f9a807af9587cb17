/* SPDX-License-Identifier: MIT */
/* test_stream.c - events written, read again, killed and lost. */
#include "tests/unit/support.h"

#include <pthread.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/timeline/eventlog.h"

#define PAGE_BYTES 4096
#define MANY 20000
#define ROUNDS 50

static struct pt_timeline timeline;
static struct pt_stream *const stream = &timeline.stream[PT_STREAM_GIL];
static struct pt_stream *const others = &timeline.stream[PT_STREAM_FREE];

static void
open_streams(int fd)
{
    pt_stream_thread = 0;
    child_check(pt_timeline_attach(&timeline, fd, NULL) == PT_OK);
    child_check(pt_stream_open(&timeline, PT_STREAM_GIL, PAGE_BYTES) == PT_OK);
    child_check(pt_stream_open(&timeline, PT_STREAM_FREE, PAGE_BYTES) ==
                PT_OK);
}

static int
attach(void **state)
{
    *state = &timeline;
    open_streams(new_recording(0));
    return 0;
}

/* One opened log and what it needs. */
struct reading {
    struct pt_reader *reader;
    struct pt_eventlog *log;
};

static void
open_reading(struct reading *reading, uint32_t process)
{
    reading->reader = open_reader(timeline.fd);
    assert_int_equal(pt_eventlog_open(&reading->log, reading->reader, process),
                     PT_OK);
}

static void
close_reading(struct reading *reading)
{
    pt_eventlog_close(reading->log);
    pt_reader_close(reading->reader);
}

static struct pt_event
next_event(struct reading *reading)
{
    struct pt_event event = {.kind = PT_KIND_UNKNOWN};

    assert_int_equal(pt_eventlog_next(reading->log, &event), 1);
    return event;
}

static void
expect_end(struct reading *reading)
{
    struct pt_event event;

    assert_int_equal(pt_eventlog_next(reading->log, &event), 0);
    assert_int_equal(pt_eventlog_next(reading->log, &event), 0);
}

static void
a_timeline_without_events_has_none(void **state)
{
    struct reading reading;

    (void)state;
    open_reading(&reading, 0);
    expect_end(&reading);
    close_reading(&reading);
    open_reading(&reading, 7);
    expect_end(&reading);
    close_reading(&reading);
}

static void
calls_lines_and_blocks_are_read_as_written(void **state)
{
    static const uint32_t lines[] = {12, 10, 4000000000u};
    struct reading reading;
    struct pt_event event;

    (void)state;
    pt_stream_enter(stream, PT_EVENT_CALL, 70000);
    for (int i = 0; i < 3; i++) {
        pt_stream_line(stream, 70000, lines[i]);
    }
    pt_stream_block(stream, PT_EVENT_ALLOC, UINT32_MAX);
    pt_stream_block(stream, PT_EVENT_FREE, 1);
    pt_stream_leave(stream, PT_EVENT_YIELD);

    open_reading(&reading, 0);
    assert_int_equal(next_event(&reading).kind, PT_KIND_THREAD_START);
    event = next_event(&reading);
    assert_int_equal(event.kind, PT_KIND_CALL);
    assert_int_equal(event.code, 70000);
    for (int i = 0; i < 3; i++) {
        event = next_event(&reading);
        assert_int_equal(event.kind, PT_KIND_LINE);
        assert_int_equal(event.code, 70000);
        assert_int_equal(event.line, lines[i]);
    }
    event = next_event(&reading);
    assert_int_equal(event.kind, PT_KIND_ALLOC);
    assert_int_equal(event.pair, UINT32_MAX);
    event = next_event(&reading);
    assert_int_equal(event.kind, PT_KIND_FREE);
    assert_int_equal(event.pair, 1);
    assert_int_equal(next_event(&reading).kind, PT_KIND_YIELD);
    expect_end(&reading);
    close_reading(&reading);
}

static void
rare_events_are_read_as_written(void **state)
{
    static const uint64_t numbers[] = {2, 300, UINT64_MAX};
    struct reading reading;
    struct pt_event event;

    (void)state;
    pt_stream_note(stream, PT_OTHER_START, NULL, 0);
    pt_stream_note_numbers(stream, PT_OTHER_GC_STOP, numbers, 3, NULL, 0);
    pt_stream_note_numbers(stream, PT_OTHER_SPAN_BEGIN, numbers, 1, "abc", 3);
    pt_stream_note(stream, PT_OTHER_MARK, "", 0);
    pt_stream_note(stream, 1000, "future", 6);

    open_reading(&reading, 0);
    event = next_event(&reading);
    assert_int_equal(event.kind, PT_KIND_THREAD_START);
    assert_int_equal(event.number, gettid());
    assert_int_equal(event.thread, 1);
    // Nobody measured the rate yet: until then it is the time of the page.
    assert_in_range(event.time_ns, timeline.header->start_ns, pt_clock_ns());
    assert_int_equal(next_event(&reading).kind, PT_KIND_START);
    event = next_event(&reading);
    assert_int_equal(event.kind, PT_KIND_GC_STOP);
    assert_int_equal(event.number, 2);
    assert_int_equal(event.collected, 300);
    assert_true(event.uncollectable == UINT64_MAX);
    event = next_event(&reading);
    assert_int_equal(event.kind, PT_KIND_SPAN_BEGIN);
    assert_int_equal(event.number, 2);
    assert_int_equal(event.text_bytes, 3);
    assert_memory_equal(event.text, "abc", 3);
    event = next_event(&reading);
    assert_int_equal(event.kind, PT_KIND_MARK);
    assert_int_equal(event.text_bytes, 0);
    event = next_event(&reading);
    assert_int_equal(event.kind, PT_KIND_UNKNOWN);
    assert_memory_equal(event.text, "future", 6);
    expect_end(&reading);
    close_reading(&reading);
}

/* A row of events that follows from their numbers. */
static void
write_row(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        switch (i % 5) {
        case 0:
            pt_stream_enter(stream, PT_EVENT_CALL, i * 37);
            break;
        case 1:
            pt_stream_line(stream, i / 100, i * 7919 % 1000);
            break;
        case 2:
            pt_stream_block(stream, PT_EVENT_ALLOC, i * 31);
            break;
        case 3:
            pt_stream_block(stream, PT_EVENT_FREE, i);
            break;
        default:
            pt_stream_leave(stream, PT_EVENT_RETURN);
        }
    }
}

static int
is_of_row(const struct pt_event *event, uint32_t i)
{
    switch (i % 5) {
    case 0:
        return event->kind == PT_KIND_CALL && event->code == i * 37;
    case 1:
        return event->kind == PT_KIND_LINE && event->code == i / 100 &&
               event->line == i * 7919 % 1000;
    case 2:
        return event->kind == PT_KIND_ALLOC && event->pair == i * 31;
    case 3:
        return event->kind == PT_KIND_FREE && event->pair == i;
    default:
        return event->kind == PT_KIND_RETURN;
    }
}

/* Read the row from its start; how many events, or -1 when one is wrong. */
static int64_t
read_row(struct reading *reading)
{
    uint64_t time_ns = 0;
    struct pt_event event;
    int64_t count = 0;

    while (pt_eventlog_next(reading->log, &event) > 0) {
        if (event.kind == PT_KIND_THREAD_START) {
            continue;
        }
        if (!is_of_row(&event, (uint32_t)count) || event.time_ns < time_ns) {
            return -1;
        }
        time_ns = event.time_ns;
        count++;
    }
    return count;
}

static void
many_pages_are_one_row(void **state)
{
    struct reading reading;

    (void)state;
    write_row(MANY);
    open_reading(&reading, 0);
    assert_int_equal(read_row(&reading), MANY);
    assert_int_equal(pt_eventlog_lost(reading.log), 0);
    close_reading(&reading);
    assert_int_equal(timeline.process->dropped_events, 0);
}

static void
long_labels_are_cut_and_fit(void **state)
{
    char label[3000];
    struct reading reading;

    (void)state;
    memset(label, 'x', sizeof(label));
    for (int i = 0; i < 200; i++) {
        pt_stream_note(stream, PT_OTHER_MARK, label, (size_t)i * 15);
    }
    open_reading(&reading, 0);
    next_event(&reading);
    for (size_t i = 0; i < 200; i++) {
        struct pt_event event = next_event(&reading);

        assert_int_equal(event.text_bytes, i * 15 < 1024 ? i * 15 : 1024);
        assert_memory_equal(event.text, label, event.text_bytes);
    }
    expect_end(&reading);
    close_reading(&reading);
}

static void
times_are_near_the_clock(void **state)
{
    uint64_t before[50];
    struct reading reading;
    struct pt_header *header = timeline.header;
    struct pt_clock_pair now;

    (void)state;
    for (int i = 0; i < 50; i++) {
        struct timespec span = {0, 200000};

        nanosleep(&span, NULL);
        before[i] = pt_clock_ns();
        pt_stream_leave(stream, PT_EVENT_RETURN);
    }
    now = pt_clock_pair((enum pt_tick_kind)header->tick_kind);
    atomic_store(&header->latest_ns, now.ns);
    atomic_store(&header->latest_ticks, now.ticks);
    open_reading(&reading, 0);
    next_event(&reading);
    for (int i = 0; i < 50; i++) {
        struct pt_event event = next_event(&reading);

        // Stopped for long between the two readings, nobody is wrong.
        assert_true(event.time_ns + 100000 >= before[i]);
        assert_true(event.time_ns <= now.ns + 100000);
    }
    close_reading(&reading);
}

static void *
write_as_a_thread(void *unused)
{
    (void)unused;
    pt_stream_leave(stream, PT_EVENT_RETURN);
    pt_stream_note(stream, PT_OTHER_THREAD_STOP, NULL, 0);
    return NULL;
}

static void
events_are_of_their_threads(void **state)
{
    static const struct {
        uint32_t thread;
        enum pt_event_kind kind;
    } wanted[] = {
        {1, PT_KIND_THREAD_START}, {1, PT_KIND_CALL},
        {2, PT_KIND_THREAD_START}, {2, PT_KIND_RETURN},
        {2, PT_KIND_THREAD_STOP},  {1, PT_KIND_RETURN},
    };
    struct reading reading;
    pthread_t thread;

    (void)state;
    pt_stream_enter(stream, PT_EVENT_CALL, 1);
    pthread_create(&thread, NULL, write_as_a_thread, NULL);
    pthread_join(thread, NULL);
    pt_stream_leave(stream, PT_EVENT_RETURN);
    open_reading(&reading, 0);
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        struct pt_event event = next_event(&reading);

        assert_int_equal(event.thread, wanted[i].thread);
        assert_int_equal(event.kind, wanted[i].kind);
    }
    expect_end(&reading);
    close_reading(&reading);
}

static void
events_without_the_gil_stand_in_their_places(void **state)
{
    struct reading reading;
    uint64_t sequence = 0;

    (void)state;
    pt_stream_enter(stream, PT_EVENT_CALL, 1);
    for (uint32_t i = 0; i < 3000; i++) {
        pt_stream_native(others, 2 * i, i % 3 == 0);
        pt_stream_block(stream, PT_EVENT_ALLOC, 2 * i + 1);
    }
    open_reading(&reading, 0);
    next_event(&reading);
    next_event(&reading);
    for (uint32_t i = 0; i < 6000; i++) {
        struct pt_event event = next_event(&reading);

        assert_int_equal(event.pair, i);
        assert_int_equal(event.kind, i % 2        ? PT_KIND_ALLOC
                                     : i % 6 == 0 ? PT_KIND_NATIVE_ALLOC
                                                  : PT_KIND_NATIVE_FREE);
        assert_int_equal(event.stream, i % 2 ? PT_STREAM_GIL : PT_STREAM_FREE);
        assert_true(event.sequence > sequence);
        sequence = event.sequence;
    }
    expect_end(&reading);
    close_reading(&reading);
}

static void
a_child_has_events_of_its_own(void **state)
{
    struct reading reading;
    pid_t child;

    (void)state;
    write_row(1000);
    child = fork_timeline(&timeline);
    if (child == 0) {
        write_row(3000);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
    open_reading(&reading, 0);
    assert_int_equal(read_row(&reading), 1000);
    close_reading(&reading);
    open_reading(&reading, 1);
    assert_int_equal(read_row(&reading), 3000);
    close_reading(&reading);
}

static void
what_a_full_disk_takes_is_counted(void **state)
{
    int fd = timeline.fd;
    pid_t child;

    (void)state;
    fflush(NULL);
    child = fork();
    if (child == 0) {
        struct reading reading;
        struct pt_event event;
        uint64_t read = 0;

        limit_file_size(file_bytes(fd) + (PT_SIZE(64u, 4u) << 10));
        write_row(10 * MANY);
        open_reading(&reading, 0);
        while (pt_eventlog_next(reading.log, &event) > 0) {
            read++;
        }
        // Beside events there are stamps and switches.
        child_check(timeline.process->dropped_events > 0);
        child_check(pt_eventlog_lost(reading.log) ==
                    timeline.process->dropped_events);
        child_check(read + pt_eventlog_lost(reading.log) <= stream->count);
        child_check(read + pt_eventlog_lost(reading.log) >= 10 * MANY);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
}

static void
without_a_page_events_are_counted_as_dropped(void **state)
{
    (void)state;
    pt_stream_cut(stream);
    write_row(100);
    assert_int_equal(timeline.process->dropped_events, 100);
}

/* The child writes the row for ever, noting how far it is. */
static void
write_for_ever(int fd)
{
    open_streams(fd);
    for (;;) {
        write_row(1000000);
    }
}

static void
a_kill_at_any_moment_loses_nothing(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct timespec span = {0, (long)(round * 211 % 4001) * 1000};
        int fd = new_recording(0);
        struct reading reading;
        pid_t child = fork();

        if (child == 0) {
            write_for_ever(fd);
        }
        nanosleep(&span, NULL);
        kill(child, SIGKILL);
        assert_int_equal(end_of(child), -1);
        timeline.fd = fd;
        open_reading(&reading, 0);
        assert_true(read_row(&reading) >= 0);
        assert_int_equal(pt_eventlog_lost(reading.log), 0);
        close_reading(&reading);
        close(fd);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define WITH(test) cmocka_unit_test_setup_teardown(test, attach, release_state)
        WITH(a_timeline_without_events_has_none),
        WITH(calls_lines_and_blocks_are_read_as_written),
        WITH(rare_events_are_read_as_written),
        WITH(many_pages_are_one_row),
        WITH(long_labels_are_cut_and_fit),
        WITH(times_are_near_the_clock),
        WITH(events_are_of_their_threads),
        WITH(events_without_the_gil_stand_in_their_places),
        WITH(a_child_has_events_of_its_own),
        WITH(what_a_full_disk_takes_is_counted),
        WITH(without_a_page_events_are_counted_as_dropped),
        cmocka_unit_test(a_kill_at_any_moment_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
