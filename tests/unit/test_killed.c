/* SPDX-License-Identifier: MIT */
/* test_killed.c - SIGKILL at a random moment, and what is read then. */
#include "tests/unit/support.h"

#include <time.h>

#define ROUNDS 60

static struct pt_timeline timeline;

static void
wait_microseconds(unsigned microseconds)
{
    struct timespec span = {0, (long)microseconds * 1000};

    nanosleep(&span, NULL);
}

static void
kill_and_bury(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* Each source has its number as size, set when its path is written, and a
 * counter that is never anything but one executable hit. */
static void
write_for_ever(int fd)
{
    child_check(pt_timeline_attach(&timeline, fd, NULL) == PT_OK);
    for (uint32_t i = 1; timeline.process->trouble == 0; i++) {
        uint32_t index = pt_timeline_append(&timeline, PT_SEGMENT_FILE, 1);
        struct pt_source *source = item_of(&timeline, PT_SEGMENT_FILE, index);
        char path[32];
        int bytes = snprintf(path, sizeof(path), "/path/%u", i);

        source->path = pt_timeline_text(&timeline, path, (size_t)bytes);
        source->size_bytes = i;
        *append_counter(&timeline) = PT_COUNTER_EXECUTABLE | 1;
    }
    pause();
}

static void
check_sources(const struct pt_reader *reader)
{
    uint32_t items = pt_reader_items(reader, 0, PT_SEGMENT_FILE);

    for (uint32_t i = 1; i < items; i++) {
        const struct pt_source *source =
            pt_reader_item(reader, 0, PT_SEGMENT_FILE, i);
        char path[32];
        size_t bytes;
        const char *read;

        assert_non_null(source);
        if (source->size_bytes == 0) {
            assert_int_equal(i, items - 1);
            continue;
        }
        assert_int_equal(source->size_bytes, i);
        snprintf(path, sizeof(path), "/path/%u", i);
        read = pt_reader_text(reader, 0, source->path, &bytes);
        assert_int_equal(bytes, strlen(path));
        assert_memory_equal(read, path, bytes);
    }
}

static void
check_counters(const struct pt_reader *reader)
{
    uint32_t sources = pt_reader_items(reader, 0, PT_SEGMENT_FILE);
    uint32_t items = pt_reader_items(reader, 0, PT_SEGMENT_COUNTER);

    assert_true(items <= sources);
    assert_true(items + 1 >= sources);
    for (uint32_t i = 1; i < items; i++) {
        const uint64_t *counter =
            pt_reader_item(reader, 0, PT_SEGMENT_COUNTER, i);

        assert_non_null(counter);
        assert_true(*counter == (PT_COUNTER_EXECUTABLE | 1) ||
                    (*counter == 0 && i == items - 1));
    }
}

static void
whatever_a_killed_process_wrote_is_whole(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        int fd = new_recording(0);
        struct pt_reader *reader;
        pid_t child = fork();

        if (child == 0) {
            write_for_ever(fd);
        }
        wait_microseconds(i * 97 % 4001);
        kill_and_bury(child);
        reader = open_reader(fd);
        assert_non_null(reader);
        if (pt_reader_process(reader, 0) != NULL) {
            check_sources(reader);
            check_counters(reader);
        }
        pt_reader_close(reader);
        close(fd);
    }
}

/* A parent with many hits and live blocks, so that a move takes its time. */
static void
fill_timeline(uint32_t items)
{
    uint32_t counter =
        pt_timeline_append(&timeline, PT_SEGMENT_COUNTER, items);
    uint32_t pair = pt_timeline_append(&timeline, PT_SEGMENT_PAIR, items);

    for (uint32_t i = 0; i < items; i++) {
        struct pt_pair *made = item_of(&timeline, PT_SEGMENT_PAIR, pair + i);
        uint64_t *hits = item_of(&timeline, PT_SEGMENT_COUNTER, counter + i);

        *hits = 3;
        atomic_store(&made->live, 2);
        atomic_store(&made->allocated, 5);
    }
    atomic_store(&timeline.process->dropped_lines, 1);
}

static uint64_t
allocated_of(const struct pt_reader *reader, uint32_t process)
{
    uint32_t items = pt_reader_items(reader, process, PT_SEGMENT_PAIR);
    uint64_t sum = 0;

    for (uint32_t i = 1; i < items; i++) {
        const struct pt_pair *pair =
            pt_reader_item(reader, process, PT_SEGMENT_PAIR, i);

        assert_int_equal(pair->inherited + (int64_t)pair->allocated -
                             pair->live,
                         pair->allocated != 0 ? 3 : 0);
        sum += pair->allocated;
    }
    return sum;
}

/* The parent's figures are its own; no child of it did anything. */
static void
check_totals(int fd, uint32_t items)
{
    struct pt_reader *reader = open_reader(fd);

    assert_non_null(reader);
    assert_int_equal(hits_of(reader, 0), 3 * items);
    assert_int_equal(allocated_of(reader, 0), 5 * items);
    for (uint32_t i = 1; i < pt_reader_processes(reader); i++) {
        const struct pt_process *process = pt_reader_process(reader, i);

        assert_int_equal(hits_of(reader, i), 0);
        assert_int_equal(allocated_of(reader, i), 0);
        if (process != NULL) {
            assert_int_equal(process->number, i);
            assert_int_equal(process->dropped_lines, 0);
        }
    }
    pt_reader_close(reader);
}

static void
a_child_killed_while_it_moves_doubles_nothing(void **state)
{
    int fd = new_recording(PT_WANT_COUNT | PT_WANT_MEM);
    uint32_t items;

    (void)state;
    assert_int_equal(pt_timeline_attach(&timeline, fd, NULL), PT_OK);
    items = 20 * chunk_items(&timeline, PT_SEGMENT_PAIR);
    fill_timeline(items);
    for (unsigned i = 0; i < ROUNDS; i++) {
        pid_t child = fork_timeline(&timeline);

        if (child == 0) {
            pause();
        }
        wait_microseconds(i * 61 % 1500);
        kill_and_bury(child);
    }
    check_totals(fd, items);
    pt_timeline_release(&timeline);
    close(fd);
}

static void
a_reader_beside_a_moving_child_sees_nothing_doubled(void **state)
{
    int fd = new_recording(PT_WANT_COUNT | PT_WANT_MEM);
    uint32_t items;

    (void)state;
    assert_int_equal(pt_timeline_attach(&timeline, fd, NULL), PT_OK);
    items = 20 * chunk_items(&timeline, PT_SEGMENT_PAIR);
    fill_timeline(items);
    for (unsigned i = 0; i < 5; i++) {
        pid_t child = fork_timeline(&timeline);

        if (child == 0) {
            _exit(0);
        }
        for (int look = 0; look < 5; look++) {
            check_totals(fd, items);
        }
        assert_int_equal(end_of(child), 0);
    }
    pt_timeline_release(&timeline);
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_a_killed_process_wrote_is_whole),
        cmocka_unit_test(a_child_killed_while_it_moves_doubles_nothing),
        cmocka_unit_test(a_reader_beside_a_moving_child_sees_nothing_doubled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
