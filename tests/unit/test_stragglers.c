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
    *state = &timeline;
    if (pt_timeline_attach(&timeline, new_recording(PT_WANT_COUNT), NULL) !=
        PT_OK) {
        return -1;
    }
    stragglers = (struct pt_stragglers){timeline.fd, timeline.header, 0, {0}};
    beats = 0;
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
    assert_int_equal(stragglers.pid[0], child);
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

static void
all_are_named_as_far_as_there_is_room(void **state)
{
    static const struct {
        struct pt_stragglers them;
        const char *text;
    } cases[] = {
        {{.count = 0}, ""},
        {{.count = 1, .pid = {4294967295u}}, "4294967295"},
        {{.count = 3, .pid = {7, 12, 9}}, "7, 12, 9"},
        {{.count = 8, .pid = {1, 2, 3, 4, 5, 6, 7, 8}},
         "1, 2, 3, 4, 5, 6, 7, 8"},
        {{.count = 10, .pid = {1, 2, 3, 4, 5, 6, 7, 8}},
         "1, 2, 3, 4, 5, 6, 7, 8 and 2 more"},
        {{.count = UINT32_MAX,
          .pid = {4294967295u, 4294967295u, 4294967295u, 4294967295u,
                  4294967295u, 4294967295u, 4294967295u, 4294967295u}},
         "4294967295, 4294967295, 4294967295, 4294967295, 4294967295, "
         "4294967295, 4294967295, 4294967295 and 4294967287 more"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[PT_STRAGGLERS_NAME_BYTES];

        pt_stragglers_name(&cases[i].them, text);
        assert_string_equal(text, cases[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            nobody_is_waited_for_when_the_program_was_alone, record,
            release_state),
        cmocka_unit_test_setup_teardown(
            a_child_that_sleeps_is_waited_for_and_named, record,
            release_state),
        cmocka_unit_test_setup_teardown(
            a_child_for_whose_record_there_was_no_space_is_not, record,
            release_state),
        cmocka_unit_test(all_are_named_as_far_as_there_is_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
