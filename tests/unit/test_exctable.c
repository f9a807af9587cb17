/* SPDX-License-Identifier: MIT */
/* test_exctable.c - exception tables, against CPython's description. */
#include "tests/unit/support.h"

#include "linetrace/exctable.h"

#define ROWS 40

static int32_t
below(int32_t limit)
{
    return (int32_t)(random() % limit);
}

static void
assert_same_row(const struct pt_range *a, const struct pt_range *b)
{
    assert_int_equal(a->from, b->from);
    assert_int_equal(a->to, b->to);
    assert_int_equal(a->handler, b->handler);
    assert_int_equal(a->depth, b->depth);
}

static void
a_row_is_spelt_as_cpython_spells_it(void **state)
{
    // The example of Objects/exception_handling_notes.txt: 20 to 28, target
    // 100, depth 3, no lasti; then one of two-byte values, worked out by hand.
    static const struct {
        struct pt_range row;
        uint8_t bytes[8];
        size_t count;
    } cases[] = {
        {{20, 28, 100, 3 << 1}, {148, 8, 65, 36, 6}, 5},
        {{64, 128, 4095, 1 << 1 | 1}, {193, 0, 65, 0, 127, 63, 3}, 7},
        {{0, 1, 0, 0}, {128, 1, 0, 0}, 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t written[PT_EXCTABLE_ROW_BYTES];
        const uint8_t *next = cases[i].bytes;
        const uint8_t *end = next + cases[i].count;
        struct pt_range row;

        assert_int_equal(pt_exctable_write(written, &cases[i].row) - written,
                         cases[i].count);
        assert_memory_equal(written, cases[i].bytes, cases[i].count);
        assert_int_equal(pt_exctable_read(&next, end, &row), 1);
        assert_same_row(&row, &cases[i].row);
        assert_int_equal(pt_exctable_read(&next, end, &row), 0);
    }
}

static void
what_is_written_is_read_back(void **state)
{
    (void)state;
    srandom(3);
    for (int round = 0; round < 500; round++) {
        uint8_t table[ROWS * PT_EXCTABLE_ROW_BYTES], *last = table;
        const uint8_t *next = table;
        struct pt_range wanted[ROWS], row;

        for (int i = 0; i < ROWS; i++) {
            int32_t limit = 1 << below(24);

            wanted[i].from = below(limit);
            wanted[i].to = wanted[i].from + below(limit);
            wanted[i].handler = below(limit);
            wanted[i].depth = (uint32_t)below(limit);
            last = pt_exctable_write(last, &wanted[i]);
        }
        for (int i = 0; i < ROWS; i++) {
            assert_int_equal(pt_exctable_read(&next, last, &row), 1);
            assert_same_row(&row, &wanted[i]);
        }
        assert_int_equal(pt_exctable_read(&next, last, &row), 0);
    }
}

static void
damage_is_refused(void **state)
{
    // A row that is cut off in each of its values, and a value of 36 bits.
    static const uint8_t whole[] = {148, 8, 65, 36, 6};
    static const uint8_t wide[] = {255, 127, 127, 127, 127, 63, 1, 0, 0};
    struct pt_range row;
    const uint8_t *next;

    (void)state;
    for (size_t count = 1; count < sizeof(whole); count++) {
        next = whole;
        assert_int_equal(pt_exctable_read(&next, whole + count, &row),
                         PT_FLOW_STRANGE);
    }
    next = wide;
    assert_int_equal(pt_exctable_read(&next, wide + sizeof(wide), &row),
                     PT_FLOW_STRANGE);
}

static void
no_table_is_read_past_its_end(void **state)
{
    (void)state;
    srandom(4);
    for (int round = 0; round < 20000; round++) {
        size_t count = (size_t)below(24);
        uint8_t *table = malloc(count + 1);
        const uint8_t *next = table, *end = table + count;
        struct pt_range row;

        assert_non_null(table);
        for (size_t i = 0; i < count; i++) {
            table[i] = (uint8_t)random();
        }
        while (pt_exctable_read(&next, end, &row) > 0) {
            assert_true(next <= end);
        }
        assert_true(next <= end);
        free(table);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_spelt_as_cpython_spells_it),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(no_table_is_read_past_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
