/* SPDX-License-Identifier: MIT */
/* test_family.c - many children, grandchildren, and threads beside them. */
#include "tests/unit/support.h"

#include <pthread.h>

static struct pt_timeline timeline;
static uint64_t *counter;

static int
attach(void **state)
{
    *state = &timeline;
    if (pt_timeline_attach(&timeline, new_recording(PT_WANT_COUNT), NULL) !=
        PT_OK) {
        return -1;
    }
    counter = append_counter(&timeline);
    *counter = PT_COUNTER_EXECUTABLE | 5;
    return 0;
}

static void
grandchildren_know_their_parents(void **state)
{
    struct pt_reader *reader;
    pid_t child = fork_timeline(&timeline);

    (void)state;
    if (child == 0) {
        *counter += 1;
        child = fork_timeline(&timeline);
        if (child == 0) {
            child_check(*counter == PT_COUNTER_EXECUTABLE);
            *counter += 2;
            _exit(0);
        }
        _exit(end_of(child));
    }
    assert_int_equal(end_of(child), 0);
    reader = open_reader(timeline.fd);
    assert_int_equal(pt_reader_processes(reader), 3);
    assert_int_equal(pt_reader_process(reader, 1)->parent, 0);
    assert_int_equal(pt_reader_process(reader, 2)->parent, 1);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(hits_of(reader, i), i == 0 ? 5 : i);
    }
    pt_reader_close(reader);
}

static void
twenty_children_at_once_keep_apart(void **state)
{
    pid_t child[20];
    uint64_t sum = 0;
    struct pt_reader *reader;

    (void)state;
    for (uint32_t i = 0; i < COUNT_OF(child); i++) {
        child[i] = fork_timeline(&timeline);
        if (child[i] == 0) {
            for (uint32_t j = 0; j < 300; j++) {
                *append_counter(&timeline) += 1;
            }
            _exit(0);
        }
        *append_counter(&timeline) += 1000;
    }
    for (uint32_t i = 0; i < COUNT_OF(child); i++) {
        assert_int_equal(end_of(child[i]), 0);
    }
    reader = open_reader(timeline.fd);
    assert_int_equal(pt_reader_processes(reader), 21);
    for (uint32_t i = 1; i < 21; i++) {
        assert_non_null(pt_reader_process(reader, i));
        assert_int_equal(hits_of(reader, i), 300);
        sum += pt_reader_process(reader, i)->pid;
    }
    for (uint32_t i = 0; i < COUNT_OF(child); i++) {
        sum -= (uint64_t)child[i];
    }
    assert_int_equal(sum, 0);
    assert_int_equal(hits_of(reader, 0), 20005);
    pt_reader_close(reader);
}

static atomic_int stop, threads_running;

static void *
append_and_drop(void *argument)
{
    for (int i = 0; !atomic_load(&stop); i++) {
        if (i < 3000) {
            pt_timeline_append(&timeline, PT_SEGMENT_NODE, 1);
        }
        pt_timeline_trouble(&timeline, PT_TROUBLE_SETTRACE);
        atomic_fetch_add(&timeline.process->dropped_blocks, 1);
    }
    atomic_fetch_sub(&threads_running, 1);
    return argument;
}

static void
forking_while_other_threads_append(void **state)
{
    pthread_t thread;

    (void)state;
    // Detached: a child could not join them, and ThreadSanitizer would mind.
    for (int i = 0; i < 2; i++) {
        atomic_fetch_add(&threads_running, 1);
        assert_int_equal(pthread_create(&thread, NULL, append_and_drop, NULL),
                         0);
        assert_int_equal(pthread_detach(thread), 0);
    }
    for (int i = 0; i < 10; i++) {
        pid_t child = fork_timeline(&timeline);

        if (child == 0) {
            child_check(*append_counter(&timeline) == 0);
            child_check(timeline.process->dropped_blocks == 0);
            _exit(0);
        }
        assert_int_equal(end_of(child), 0);
    }
    atomic_store(&stop, 1);
    while (atomic_load(&threads_running) != 0) {
        usleep(100);
    }
}

#define test_attached(name) \
  cmocka_unit_test_setup_teardown(name, attach, release_state)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        test_attached(grandchildren_know_their_parents),
        test_attached(twenty_children_at_once_keep_apart),
        test_attached(forking_while_other_threads_append),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
