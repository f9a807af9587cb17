/* SPDX-License-Identifier: MIT */
/* test_importslot.c - calls of a loaded library go elsewhere, ours do not.
 *
 * cmocka is the library: it calls free() through a slot of its own.
 */
#include "tests/unit/support.h"

#include "core/base/importslot.h"

static int calls;

static void
counting_free(void *block)
{
    calls++;
    free(block);
}

static void
call_cmocka(void)
{
    test_free(test_malloc(100));
}

static void
calls_of_others_are_redirected_and_put_back(void **state)
{
    struct pt_importslot slot = {"free", (pt_importslot_func)counting_free};
    int before;

    (void)state;
    pt_importslot_replace(&slot, 1);
    calls = 0;
    call_cmocka();
    assert_true(calls > 0);
    before = calls;
    pt_importslot_replace(&slot, 1);  // as it is already
    call_cmocka();
    assert_int_equal(calls, 2 * before);
    // Our own slots are left alone.
    free(malloc(100));
    assert_int_equal(calls, 2 * before);
    slot.func = (pt_importslot_func)free;
    pt_importslot_replace(&slot, 1);
    call_cmocka();
    assert_int_equal(calls, 2 * before);
}

static void
names_that_nobody_imports_change_nothing(void **state)
{
    const struct pt_importslot slot[] = {
        {"pt_no_such_function", (pt_importslot_func)counting_free},
        {"", (pt_importslot_func)counting_free},
    };

    (void)state;
    calls = 0;
    pt_importslot_replace(slot, COUNT_OF(slot));
    pt_importslot_replace(slot, 0);
    call_cmocka();
    assert_int_equal(calls, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_others_are_redirected_and_put_back),
        cmocka_unit_test(names_that_nobody_imports_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
