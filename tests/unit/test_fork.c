/* SPDX-License-Identifier: MIT */
/* test_fork.c - a child takes its copy of the timeline and leaves the rest.
 *
 * The recording starts with one counter of 5 hits, one pair with 7 of 10
 * blocks live, and a text. Children end by _exit; the reader says the rest.
 */
#include "tests/unit/support.h"

#include <pthread.h>

#include "core/base/rawmem.h"

static struct pt_timeline timeline;
static uint64_t *counter, *temporary;
static struct pt_pair *pair;
static uint32_t text;

static int
attach_to(int fd)
{
    uint32_t index;

    if (pt_timeline_attach(&timeline, fd, NULL) != PT_OK) {
        return -1;
    }
    counter = append_counter(&timeline);
    *counter = PT_COUNTER_EXECUTABLE | 5;
    index = pt_timeline_append(&timeline, PT_SEGMENT_PAIR, 1);
    pair = item_of(&timeline, PT_SEGMENT_PAIR, index);
    pair->size_bytes = 24;
    atomic_store(&pair->live, 7);
    atomic_store(&pair->allocated, 10);
    index = pt_timeline_append(&timeline, PT_SEGMENT_TEMPORARY, 1);
    temporary = item_of(&timeline, PT_SEGMENT_TEMPORARY, index);
    *temporary = 3;
    text = pt_timeline_text(&timeline, "before", 6);
    return 0;
}

static int
attach(void **state)
{
    *state = &timeline;
    return attach_to(new_recording(PT_WANT_COUNT | PT_WANT_MEM));
}

static int
attach_anonymously(void **state)
{
    *state = &timeline;
    return attach_to(-1);
}

static void
figures_of_parent_and_child_do_not_mix(void **state)
{
    struct pt_reader *reader;
    pid_t child = fork_timeline(&timeline);

    (void)state;
    if (child == 0) {
        *counter += 2;
        _exit(0);
    }
    *counter += 100;
    assert_int_equal(end_of(child), 0);
    reader = open_reader(timeline.fd);
    assert_int_equal(hits_of(reader, 0), 105);
    assert_int_equal(hits_of(reader, 1), 2);
    pt_reader_close(reader);
}

static void
restarted_counters_keep_their_executable_bit(void **state)
{
    pid_t child = fork_timeline(&timeline);

    (void)state;
    if (child == 0) {
        child_check(*counter == PT_COUNTER_EXECUTABLE);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
    assert_true(*counter == (PT_COUNTER_EXECUTABLE | 5));
}

static void
live_blocks_are_inherited_and_allocations_are_not(void **state)
{
    pid_t child = fork_timeline(&timeline);
    struct pt_reader *reader;
    const struct pt_pair *read;

    (void)state;
    if (child == 0) {
        child_check(pair->inherited == 7 && pair->live == 7);
        child_check(pair->allocated == 0 && pair->size_bytes == 24);
        child_check(*temporary == 0);
        atomic_fetch_sub(&pair->live, 2);  // two of its parent's blocks
        atomic_fetch_add(&pair->live, 1);
        atomic_fetch_add(&pair->allocated, 1);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
    reader = open_reader(timeline.fd);
    read = pt_reader_item(reader, 1, PT_SEGMENT_PAIR, 1);
    assert_int_equal(read->inherited + (int64_t)read->allocated - read->live,
                     2);
    read = pt_reader_item(reader, 0, PT_SEGMENT_PAIR, 1);
    assert_int_equal(read->live, 7);
    assert_int_equal(*temporary, 3);
    assert_int_equal(read->inherited, 0);
    pt_reader_close(reader);
}

static void
texts_of_before_the_fork_are_in_both(void **state)
{
    pid_t child = fork_timeline(&timeline);
    struct pt_reader *reader;

    (void)state;
    if (child == 0) {
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
    reader = open_reader(timeline.fd);
    for (uint32_t i = 0; i < 2; i++) {
        size_t bytes;

        assert_memory_equal(pt_reader_text(reader, i, text, &bytes), "before",
                            6);
        assert_int_equal(bytes, 6);
    }
    pt_reader_close(reader);
}

static void
the_child_has_a_record_of_its_own(void **state)
{
    struct pt_process *record = timeline.process;
    pid_t child;

    (void)state;
    atomic_store(&record->traced_bytes, 1000);
    atomic_store(&record->peak_bytes, 5000);
    atomic_store(&record->dropped_blocks, 3);
    atomic_store(&record->dropped_lines, 4);
    record->tool_bytes = 5;
    record->state = PT_PROCESS_RUNNING;
    pt_timeline_trouble(&timeline, PT_TROUBLE_SETTRACE);
    child = fork_timeline(&timeline);
    if (child == 0) {
        child_check(record == timeline.process);
        child_check(record->number == 1 && record->parent == 0);
        child_check(record->pid == (uint32_t)getpid());
        child_check(record->state == PT_PROCESS_RUNNING);
        child_check(record->trouble == PT_TROUBLE_SETTRACE);
        child_check(record->inherited_bytes == 1000);
        child_check(record->peak_bytes == 1000);
        child_check(record->dropped_blocks == 0 && record->dropped_lines == 0);
        child_check(record->tool_bytes == 0);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
    assert_int_equal(record->number, 0);
    assert_int_equal(record->peak_bytes, 5000);
}

/* Fork, and let the parent write before the child moves. */
static void
the_child_goes_on_from_the_instant_of_the_fork(void **state)
{
    uint32_t far = 5 * chunk_items(&timeline, PT_SEGMENT_COUNTER);
    uint32_t items;
    int gate[2];
    char byte;
    pid_t child;

    (void)state;
    pt_timeline_append(&timeline, PT_SEGMENT_COUNTER, far);
    items = *timeline.array[PT_SEGMENT_COUNTER].items;
    assert_int_equal(pipe(gate), 0);
    pt_timeline_before_fork(&timeline);
    child = fork();
    if (child == 0) {
        child_check(read(gate[0], &byte, 1) == 1);
        child_check(pt_timeline_after_fork_child(&timeline) == PT_OK);
        child_check(pair->live == 7 && pair->inherited == 7);
        child_check(*timeline.array[PT_SEGMENT_COUNTER].items == items);
        for (uint32_t i = 0; i < far; i++) {
            child_check(*append_counter(&timeline) == 0);
        }
        child_check(pt_timeline_text(&timeline, "child", 5) == text + 12);
        _exit(0);
    }
    pt_timeline_after_fork_parent(&timeline);
    atomic_store(&pair->live, 3);
    for (uint32_t i = 0; i < far; i++) {
        *append_counter(&timeline) = PT_COUNTER_EXECUTABLE | 9;
    }
    assert_int_equal(pt_timeline_text(&timeline, "parent", 6), text + 12);
    assert_int_equal(write(gate[1], "", 1), 1);
    assert_int_equal(end_of(child), 0);
    close(gate[0]);
    close(gate[1]);
}

static void
without_a_file_memory_parts_by_itself(void **state)
{
    pid_t child;

    (void)state;
    child = fork_timeline(&timeline);
    if (child == 0) {
        child_check(*counter == PT_COUNTER_EXECUTABLE);
        child_check(pair->live == 7 && pair->inherited == 7);
        child_check(timeline.process->number == 1);
        *counter += 1;
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
    assert_true(*counter == (PT_COUNTER_EXECUTABLE | 5));
}

static void
the_move_takes_no_more_memory_than_before(void **state)
{
    uint64_t before = pt_rawmem_mapped_bytes();
    pid_t child = fork_timeline(&timeline);

    (void)state;
    if (child == 0) {
        before += timeline.live_at_fork_bytes;
        child_check(pt_rawmem_mapped_bytes() == before);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
}

static void
an_isolated_child_writes_to_nobody(void **state)
{
    uint64_t before = file_bytes(timeline.fd);
    pid_t child;

    (void)state;
    pt_timeline_before_fork(&timeline);
    child = fork();
    if (child == 0) {
        // Nothing moved; the rest is as pt_timeline_after_fork_child() does.
        pt_lock_after_fork_child(&timeline.lock);
        pt_seal_after_fork_child(&timeline.sealed);
        pt_seal_after_fork_child(&timeline.events);
        for (uint32_t i = 0; i < PT_STREAMS; i++) {
            pt_stream_after_fork_child(&timeline.stream[i], 0);
        }
        if (pt_timeline_isolate(&timeline) != PT_OK) {
            _exit(1);
        }
        child_check(*counter == 0 && pair->live == 0);
        *counter = 77;
        for (int i = 0; i < 5000; i++) {
            *append_counter(&timeline) += 1;
        }
        child_check(pt_timeline_text(&timeline, "lost", 4) != 0);
        pt_timeline_trouble(&timeline, PT_TROUBLE_ENGINE);
        pt_timeline_release(&timeline);
        _exit(0);
    }
    pt_timeline_after_fork_parent(&timeline);
    assert_int_equal(end_of(child), 0);
    assert_true(*counter == (PT_COUNTER_EXECUTABLE | 5));
    assert_int_equal(timeline.process->trouble, 0);
    assert_true(file_bytes(timeline.fd) == before);
}

#ifdef PT_TORTURE
/* A child whose nth allocation fails ends with 0 when no failure was left. */
static int
end_of_tortured_child(uint64_t nth)
{
    pid_t child = fork();

    if (child == 0) {
        int code;

        pt_timeline_before_fork(&timeline);
        pt_rawmem_fail_at(nth);
        code = pt_timeline_after_fork_child(&timeline);
        if (!pt_rawmem_has_failed()) {
            _exit(code == PT_OK ? 0 : 1);
        }
        child_check(code == PT_ERR_NOMEM);
        child_check(timeline.process->trouble == PT_TROUBLE_MEMORY);
        child_check(pt_lock_enter(&timeline.lock));
        pt_lock_leave(&timeline.lock);
        pt_timeline_release(&timeline);
        _exit(2);
    }
    return end_of(child);
}

static void
a_move_that_fails_says_so(void **state)
{
    uint64_t nth = 1;
    int end;

    (void)state;
    while ((end = end_of_tortured_child(nth)) == 2) {
        nth++;
    }
    assert_int_equal(end, 0);
    // One copy at least for each of the segments that hold something.
    assert_true(nth > 3);
    assert_int_equal(timeline.process->trouble, 0);
}

static void
without_memory_for_a_copy_the_counts_come_close(void **state)
{
    pid_t child;

    (void)state;
    pt_rawmem_fail_at(1);
    child = fork_timeline(&timeline);
    pt_rawmem_fail_at(0);
    if (child == 0) {
        child_check(pair->live == 7 && pair->inherited == 7);
        child_check(timeline.process->trouble & PT_TROUBLE_MEMORY);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
}
#endif

#define test_attached(name) \
  cmocka_unit_test_setup_teardown(name, attach, release_state)
#define test_anonymous(name) \
  cmocka_unit_test_setup_teardown(name, attach_anonymously, release_state)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        test_attached(figures_of_parent_and_child_do_not_mix),
        test_attached(restarted_counters_keep_their_executable_bit),
        test_attached(live_blocks_are_inherited_and_allocations_are_not),
        test_attached(texts_of_before_the_fork_are_in_both),
        test_attached(the_child_has_a_record_of_its_own),
        test_attached(the_child_goes_on_from_the_instant_of_the_fork),
        test_anonymous(without_a_file_memory_parts_by_itself),
        test_attached(an_isolated_child_writes_to_nobody),
        test_attached(the_move_takes_no_more_memory_than_before),
#ifdef PT_TORTURE
        test_anonymous(a_move_that_fails_says_so),
        test_attached(without_memory_for_a_copy_the_counts_come_close),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
