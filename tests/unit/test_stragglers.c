/* SPDX-License-Identifier: MIT */
/* test_stragglers.c - who is waited for when the program is gone. */
#include "tests/unit/support.h"

#include "cli/run/stragglers.h"

static struct pt_timeline timeline;
static struct pt_stragglers stragglers;
static int beats;

static void
count_beat(void *context)
{
    (void)context;
    beats++;
}

static const struct pt_beat beat = {.func = count_beat};

static int
record(void **state)
{
    (void)state;
    if (pt_timeline_attach(&timeline, new_recording(PT_WANT_COUNT), NULL) !=
        PT_OK) {
        return -1;
    }
    stragglers = (struct pt_stragglers){timeline.fd, timeline.header, 0, 0};
    beats = 0;
    return 0;
}

static int
release(void **state)
{
    (void)state;
    release_recording(&timeline);
    return 0;
}

static void
nobody_is_waited_for_when_the_program_was_alone(void **state)
{
    (void)state;
    pt_stragglers_wait(&stragglers, &beat);
    assert_int_equal(beats, 0);
    assert_int_equal(stragglers.count, 0);
}

static void
a_child_that_sleeps_is_waited_for_and_named(void **state)
{
    pid_t child = fork_timeline(&timeline);

    (void)state;
    if (child == 0) {
        pause();
    }
    pt_stragglers_wait(&stragglers, &beat);
    assert_true(beats > 0);
    assert_int_equal(stragglers.count, 1);
    assert_int_equal(stragglers.pid, child);
    kill(child, SIGKILL);
    end_of(child);
    beats = 0;
    pt_stragglers_wait(&stragglers, &beat);
    assert_int_equal(beats, 0);
    assert_int_equal(stragglers.count, 0);
}

static void
a_child_for_whose_record_there_was_no_space_is_not(void **state)
{
    (void)state;
    // Its number is all that a fork leaves of it.
    atomic_fetch_add(&timeline.header->processes, 1);
    pt_timeline_trouble(&timeline, PT_TROUBLE_SPACE);
    pt_stragglers_wait(&stragglers, &beat);
    assert_int_equal(beats, 0);
    assert_int_equal(stragglers.count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            nobody_is_waited_for_when_the_program_was_alone, record, release),
        cmocka_unit_test_setup_teardown(
            a_child_that_sleeps_is_waited_for_and_named, record, release),
        cmocka_unit_test_setup_teardown(
            a_child_for_whose_record_there_was_no_space_is_not, record,
            release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
