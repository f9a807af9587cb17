/* SPDX-License-Identifier: MIT */
/* test_latest.c - the last block of each thread, by whomever it is freed. */
#include "memtrace/latest.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char block[3][16];

static int
start(void **state)
{
    (void)state;
    return pt_latest_start();
}

static void
only_the_last_counts(void **state)
{
    (void)state;
    assert_false(pt_latest_end(block[0]));
    pt_latest_note(block[0]);
    assert_false(pt_latest_end(block[1]));
    assert_true(pt_latest_end(block[0]));
    assert_false(pt_latest_end(block[0]));
    pt_latest_note(block[0]);
    pt_latest_note(block[1]);
    assert_false(pt_latest_end(block[0]));
    assert_true(pt_latest_end(block[1]));
}

/* Free what the other thread had last, and allocate it again. */
static void *
swap(void *was_last)
{
    *(int *)was_last = pt_latest_end(block[0]);
    pt_latest_note(block[0]);
    pt_latest_note(block[1]);
    return NULL;
}

static void
others_free_too(void **state)
{
    (void)state;
    // More threads than there are slots in the hostile build.
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        int was_last = -1;

        pt_latest_note(block[0]);
        assert_int_equal(pthread_create(&thread, NULL, swap, &was_last), 0);
        pthread_join(thread, NULL);
        assert_int_equal(was_last, 1);
        assert_false(pt_latest_end(block[0]));
        // Its thread is no more.
        assert_false(pt_latest_end(block[1]));
    }
}

static void
a_child_has_none(void **state)
{
    pid_t child;
    int status;

    (void)state;
    pt_latest_note(block[0]);
    child = fork();
    if (child == 0) {
        int is_right;

        pt_latest_after_fork_child();
        is_right = !pt_latest_end(block[0]);
        pt_latest_note(block[1]);
        _exit(is_right && pt_latest_end(block[1]) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(pt_latest_end(block[0]));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_last_counts),
        cmocka_unit_test(others_free_too),
        cmocka_unit_test(a_child_has_none),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
