/* SPDX-License-Identifier: MIT */
/* test_linetable.c - location tables, against CPython's description. */
#include "tests/unit/support.h"

#include "linetrace/linetable.h"

#define FIRST_LINE 10
#define UNITS_MAX 40
#define RUNS 50

/* One run of code units behind line 10, and how it is spelt: worked out by
 * hand from Objects/locations.md. */
static const struct {
    struct pt_spot spot;
    int units;
    uint8_t bytes[8];
    size_t count;
} cases[] = {
    // Short form: code column / 8, then (column % 8) << 4 | width.
    {{10, 10, 4, 9}, 1, {0x80 | 0 << 3 | 0, 0x45}, 2},
    {{10, 10, 79, 94}, 8, {0x80 | 9 << 3 | 7, 0x7f}, 2},
    // One line further on, and two; both columns as they are.
    {{11, 11, 4, 9}, 2, {0x80 | 11 << 3 | 1, 4, 9}, 3},
    {{12, 12, 127, 127}, 1, {0x80 | 12 << 3, 127, 127}, 3},
    {{10, 10, 80, 81}, 1, {0x80 | 10 << 3, 80, 81}, 3},
    // No columns: a signed varint, its sign in the lowest bit.
    {{13, 13, PT_NONE, PT_NONE}, 1, {0x80 | 13 << 3, 6}, 2},
    {{7, 7, PT_NONE, PT_NONE}, 1, {0x80 | 13 << 3, 7}, 2},
    // 32 << 1 is 64: six bits a byte, the lowest first, 64 says more follow.
    {{42, 42, PT_NONE, PT_NONE}, 1, {0x80 | 13 << 3, 64, 1}, 3},
    // Long form: line, lines to the end, both columns plus one.
    {{10, 12, 4, 1}, 3, {0x80 | 14 << 3 | 2, 0, 2, 5, 2}, 5},
    {{9, 9, 4, 9}, 1, {0x80 | 14 << 3, 3, 0, 5, 10}, 5},
    // No place at all.
    {{PT_NONE, PT_NONE, PT_NONE, PT_NONE}, 5, {0x80 | 15 << 3 | 4}, 1},
};

static void
assert_same_spot(const struct pt_spot *a, const struct pt_spot *b)
{
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->end_line, b->end_line);
    assert_int_equal(a->column, b->column);
    assert_int_equal(a->end_column, b->end_column);
}

static void
each_form_is_spelt_as_cpython_spells_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t written[PT_LINETABLE_ENTRY_BYTES];
        struct pt_linetable_writer writer = {written, FIRST_LINE};
        struct pt_linetable_reader reader = {
            cases[i].bytes, cases[i].bytes + cases[i].count, FIRST_LINE};
        struct pt_spot spot;

        pt_linetable_write(&writer, &cases[i].spot, cases[i].units);
        assert_int_equal(writer.next - written, cases[i].count);
        assert_memory_equal(written, cases[i].bytes, cases[i].count);
        assert_int_equal(pt_linetable_read(&reader, &spot), cases[i].units);
        assert_same_spot(&spot, &cases[i].spot);
        assert_int_equal(pt_linetable_read(&reader, &spot), 0);
    }
}

static int32_t
below(int32_t limit)
{
    return (int32_t)(random() % limit);
}

static struct pt_spot
random_spot(void)
{
    struct pt_spot spot = {PT_NONE, PT_NONE, PT_NONE, PT_NONE};

    if (below(8) == 0) {
        return spot;
    }
    spot.line = 1 + below(below(2) ? 20 : 1 << 20);
    spot.end_line = spot.line + (below(4) ? 0 : below(1000));
    if (below(4)) {
        spot.column = below(below(2) ? 100 : 3000);
        spot.end_column = spot.line == spot.end_line
                              ? spot.column + below(below(2) ? 16 : 300)
                              : below(3000);
    }
    return spot;
}

static void
what_is_written_is_read_back(void **state)
{
    (void)state;
    srandom(7);
    for (int round = 0; round < 300; round++) {
        uint8_t table[RUNS * (UNITS_MAX / 8 + 1) * PT_LINETABLE_ENTRY_BYTES];
        struct pt_linetable_writer writer = {table, FIRST_LINE};
        struct pt_linetable_reader reader = {table, NULL, FIRST_LINE};
        struct pt_spot wanted[RUNS], spot;
        int units[RUNS];

        for (int i = 0; i < RUNS; i++) {
            wanted[i] = random_spot();
            units[i] = 1 + below(UNITS_MAX);
            pt_linetable_write(&writer, &wanted[i], units[i]);
        }
        reader.end = writer.next;
        for (int i = 0; i < RUNS; i++) {
            while (units[i] > 0) {
                int more = pt_linetable_read(&reader, &spot);

                assert_in_range(more, 1, 8);
                assert_same_spot(&spot, &wanted[i]);
                units[i] -= more;
            }
            assert_int_equal(units[i], 0);
        }
        assert_int_equal(pt_linetable_read(&reader, &spot), 0);
    }
}

static void
damage_is_refused(void **state)
{
    // No mark on the first byte; a line, a column, a width that is cut off;
    // a varint of more than 30 bits.
    static const struct {
        uint8_t bytes[8];
        size_t count;
    } bad[] = {
        {{0x00, 0x45}, 2},
        {{0x80 | 13 << 3}, 1},
        {{0x80 | 13 << 3, 64}, 2},
        {{0x80 | 3 << 3}, 1},
        {{0x80 | 11 << 3, 4}, 2},
        {{0x80 | 14 << 3, 0, 2, 5}, 4},
        {{0x80 | 13 << 3, 127, 127, 127, 127, 127, 127}, 7},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct pt_linetable_reader reader = {
            bad[i].bytes, bad[i].bytes + bad[i].count, FIRST_LINE};
        struct pt_spot spot;

        assert_int_equal(pt_linetable_read(&reader, &spot), PT_FLOW_STRANGE);
    }
}

static void
no_table_is_read_past_its_end(void **state)
{
    (void)state;
    srandom(8);
    for (int round = 0; round < 20000; round++) {
        size_t count = (size_t)below(24);
        uint8_t *table = malloc(count + 1);
        struct pt_linetable_reader reader = {table, table + count, FIRST_LINE};
        struct pt_spot spot;

        assert_non_null(table);
        for (size_t i = 0; i < count; i++) {
            table[i] = (uint8_t)(random() | (below(2) ? 128 : 0));
        }
        while (pt_linetable_read(&reader, &spot) > 0) {
            assert_true(reader.next <= reader.end);
        }
        assert_true(reader.next <= reader.end);
        free(table);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_is_spelt_as_cpython_spells_it),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(no_table_is_read_past_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
