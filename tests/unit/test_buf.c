/* SPDX-License-Identifier: MIT */
/* test_buf.c - growing bytes, and a failure that sticks. */
#include "tests/unit/support.h"

#include <inttypes.h>

#include "core/base/buf.h"
#include "core/base/rawmem.h"

static void
a_new_buffer_reads_as_empty_text(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;

    (void)state;
    assert_string_equal(pt_buf_text(&buf), "");
    assert_int_equal(pt_buf_check(&buf), PT_OK);
    pt_buf_release(&buf);
}

static void
all_appends_stand_in_order(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;

    (void)state;
    pt_buf_add_text(&buf, "one");
    pt_buf_add_char(&buf, ' ');
    pt_buf_add_format(&buf, "%d-%s", 2, "two");
    pt_buf_add_text(&buf, "");
    pt_buf_add_format(&buf, "%s", "");
    pt_buf_add(&buf, " three!", 6);
    assert_string_equal(pt_buf_text(&buf), "one 2-two three");
    assert_int_equal(buf.used, strlen("one 2-two three"));
    pt_buf_release(&buf);
}

static void
numbers_are_those_of_printf(void **state)
{
    static const uint64_t numbers[] = {0,   1,    9,          10,        99,
                                       100, 1009, UINT32_MAX, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct pt_buf ours = PT_BUF_INIT, theirs = PT_BUF_INIT;

        pt_buf_add_number(&ours, numbers[i]);
        pt_buf_add_format(&theirs, "%" PRIu64, numbers[i]);
        for (uint32_t digits = 0; digits <= 20; digits++) {
            pt_buf_add_char(&ours, ' ');
            pt_buf_add_digits(&ours, numbers[i], digits);
            // To printf no digits of 0 are no digits, too.
            pt_buf_add_format(&theirs, " %.*" PRIu64, (int)digits, numbers[i]);
        }
        assert_string_equal(pt_buf_text(&ours), pt_buf_text(&theirs));
        pt_buf_release(&ours);
        pt_buf_release(&theirs);
    }
}

static void
nothing_added_is_nothing_but_text(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;

    (void)state;
    pt_buf_add(&buf, NULL, 0);
    assert_int_equal(buf.used, 0);
    assert_string_equal(pt_buf_text(&buf), "");
    pt_buf_release(&buf);
}

static void
bytes_may_hold_zeros(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;

    (void)state;
    pt_buf_add(&buf, "a\0b", 3);
    pt_buf_add_char(&buf, '\0');
    assert_int_equal(buf.used, 4);
    assert_memory_equal(buf.data, "a\0b\0", 5);
    pt_buf_release(&buf);
}

static void
every_length_is_followed_by_a_zero(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;

    (void)state;
    for (size_t i = 0; i < 5000; i++) {
        assert_int_equal(buf.used, i);
        assert_int_equal(strlen(pt_buf_text(&buf)), i);
        assert_true(buf.data == NULL || buf.used < buf.room);
        if (i % 2 == 0) {
            pt_buf_add_char(&buf, 'x');
        }
        else {
            pt_buf_add_format(&buf, "%c", 'x');
        }
    }
    pt_buf_release(&buf);
}

static void
one_append_may_be_larger_than_twice_the_room(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;
    char *block = pt_rawmem_array(1, 100000);

    (void)state;
    memset(block, 'y', 100000);
    pt_buf_add_char(&buf, 'x');
    pt_buf_add(&buf, block, 100000);
    assert_int_equal(buf.used, 100001);
    assert_int_equal(buf.data[100000], 'y');
    pt_buf_add_format(&buf, "%200000d", 1);
    assert_int_equal(buf.used, 300001);
    assert_int_equal(buf.data[300000], '1');
    pt_rawmem_free(block);
    pt_buf_release(&buf);
}

static void
the_room_grows_by_doubling(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;
    size_t room = 0;
    int growths = 0;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        pt_buf_add_char(&buf, 'x');
        growths += buf.room != room;
        room = buf.room;
    }
    assert_int_equal(pt_buf_check(&buf), PT_OK);
    assert_true(growths <= 18);  // 2 to the 17th is more than all of it
    pt_buf_release(&buf);
}

static void
reset_empties_and_keeps_the_room(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;
    size_t room;

    (void)state;
    pt_buf_reset(&buf);
    pt_buf_add_text(&buf, "something");
    room = buf.room;
    pt_buf_reset(&buf);
    assert_string_equal(pt_buf_text(&buf), "");
    assert_int_equal(buf.used, 0);
    assert_int_equal(buf.room, room);
    pt_buf_release(&buf);
}

static void
a_released_buffer_can_be_released_and_used_again(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;

    (void)state;
    pt_buf_add_text(&buf, "one");
    pt_buf_release(&buf);
    pt_buf_release(&buf);
    pt_buf_add_text(&buf, "two");
    assert_string_equal(pt_buf_text(&buf), "two");
    pt_buf_release(&buf);
}

static void
a_size_that_overflows_fails_and_keeps_the_content(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;

    (void)state;
    pt_buf_add_text(&buf, "kept");
    pt_buf_add(&buf, "x", SIZE_MAX);
    assert_int_equal(pt_buf_check(&buf), PT_ERR_NOMEM);
    assert_string_equal(pt_buf_text(&buf), "kept");
    pt_buf_release(&buf);
    assert_int_equal(pt_buf_check(&buf), PT_OK);
}

#ifdef PT_TORTURE
static void
after_a_failure_nothing_is_added(void **state)
{
    int failed = 1;

    (void)state;
    for (uint64_t nth = 1; failed; nth++) {
        struct pt_buf buf = PT_BUF_INIT;

        pt_rawmem_fail_at(nth);
        for (int i = 0; i < 100; i++) {
            pt_buf_add_format(&buf, "%d", i % 10);
            pt_buf_add_text(&buf, "abcdefgh");
        }
        failed = pt_rawmem_has_failed();
        assert_int_equal(pt_buf_check(&buf), failed ? PT_ERR_NOMEM : PT_OK);
        assert_int_equal(strlen(pt_buf_text(&buf)), buf.used);
        assert_true(failed ? buf.used < 900 : buf.used == 900);
        pt_buf_release(&buf);
    }
    pt_rawmem_fail_at(0);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_buffer_reads_as_empty_text),
        cmocka_unit_test(all_appends_stand_in_order),
        cmocka_unit_test(numbers_are_those_of_printf),
        cmocka_unit_test(nothing_added_is_nothing_but_text),
        cmocka_unit_test(bytes_may_hold_zeros),
        cmocka_unit_test(every_length_is_followed_by_a_zero),
        cmocka_unit_test(one_append_may_be_larger_than_twice_the_room),
        cmocka_unit_test(the_room_grows_by_doubling),
        cmocka_unit_test(reset_empties_and_keeps_the_room),
        cmocka_unit_test(a_released_buffer_can_be_released_and_used_again),
        cmocka_unit_test(a_size_that_overflows_fails_and_keeps_the_content),
#ifdef PT_TORTURE
        cmocka_unit_test(after_a_failure_nothing_is_added),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
