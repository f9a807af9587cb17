/* SPDX-License-Identifier: MIT */
/* test_varint.c - numbers of any size, and bytes that are no number. */
#include "tests/unit/support.h"

#include "core/base/varint.h"

static const struct {
    uint64_t number;
    size_t count;
    unsigned char bytes[PT_VARINT_MAX];
} known[] = {
    {0, 1, {0}},
    {127, 1, {0x7f}},
    {128, 2, {0x80, 0x01}},
    {300, 2, {0xac, 0x02}},  // the example of protobuf's documentation
    {16383, 2, {0xff, 0x7f}},
    {16384, 3, {0x80, 0x80, 0x01}},
    {UINT64_C(1) << 63,
     10,
     {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}},
    {UINT64_MAX,
     10,
     {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
};

static void
numbers_have_the_bytes_of_leb128(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        unsigned char bytes[PT_VARINT_MAX];
        unsigned char *end = pt_varint_put(bytes, known[i].number);

        assert_int_equal(end - bytes, known[i].count);
        assert_memory_equal(bytes, known[i].bytes, known[i].count);
    }
}

static void
numbers_are_read_and_no_byte_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        const unsigned char *at = known[i].bytes;
        uint64_t number;

        assert_true(pt_varint_get(&at, at + PT_VARINT_MAX, &number));
        assert_true(number == known[i].number);
        assert_int_equal(at - known[i].bytes, known[i].count);
    }
}

static void
a_number_that_is_cut_short_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        const unsigned char *at = known[i].bytes;
        uint64_t number;

        assert_false(pt_varint_get(&at, at + known[i].count - 1, &number));
        assert_int_equal(at - known[i].bytes, known[i].count - 1);
    }
}

static void
a_number_that_does_not_end_is_none(void **state)
{
    unsigned char bytes[PT_VARINT_MAX + 2];
    const unsigned char *at = bytes;
    uint64_t number;

    (void)state;
    memset(bytes, 0xff, sizeof(bytes));
    assert_false(pt_varint_get(&at, bytes + sizeof(bytes), &number));
    assert_int_equal(at - bytes, PT_VARINT_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_the_bytes_of_leb128),
        cmocka_unit_test(numbers_are_read_and_no_byte_more),
        cmocka_unit_test(a_number_that_is_cut_short_is_none),
        cmocka_unit_test(a_number_that_does_not_end_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
