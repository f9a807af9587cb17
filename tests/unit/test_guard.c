/* SPDX-License-Identifier: MIT */
/* test_guard.c - guards nest, of two kinds, and are each thread's own. */
#include "tests/unit/support.h"

#include <pthread.h>

#include "core/py/guard.h"

static void
guards_nest(void **state)
{
    (void)state;
    assert_false(pt_guard_inside());
    pt_guard_enter();
    pt_guard_enter();
    assert_true(pt_guard_inside() && pt_guard_is_tool());
    assert_int_not_equal(pt_guard_leave(), 0);
    assert_true(pt_guard_inside() && pt_guard_is_tool());
    assert_int_equal(pt_guard_leave(), 0);
    assert_false(pt_guard_inside() || pt_guard_is_tool());
}

/* Below a hook the program allocates, unless the tool does above it. */
static void
below_a_hook_it_is_the_programs(void **state)
{
    (void)state;
    pt_guard_enter_below();
    assert_true(pt_guard_inside());
    assert_false(pt_guard_is_tool());
    pt_guard_enter();
    assert_true(pt_guard_is_tool());
    assert_int_not_equal(pt_guard_leave(), 0);
    assert_false(pt_guard_is_tool());
    assert_int_equal(pt_guard_leave_below(), 0);

    pt_guard_enter();
    pt_guard_enter_below();
    assert_true(pt_guard_is_tool());
    assert_int_not_equal(pt_guard_leave_below(), 0);
    assert_int_equal(pt_guard_leave(), 0);
}

static void *
look(void *inside)
{
    *(int *)inside = pt_guard_inside();
    pt_guard_enter();
    return NULL;
}

static void
threads_have_their_own(void **state)
{
    pthread_t thread;
    int inside = -1;

    (void)state;
    pt_guard_enter();
    assert_int_equal(pthread_create(&thread, NULL, look, &inside), 0);
    pthread_join(thread, NULL);
    assert_int_equal(inside, 0);
    assert_int_equal(pt_guard_leave(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guards_nest),
        cmocka_unit_test(below_a_hook_it_is_the_programs),
        cmocka_unit_test(threads_have_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
