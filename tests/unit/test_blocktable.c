/* SPDX-License-Identifier: MIT */
/* test_blocktable.c - blocks of all sizes against plain arrays.
 *
 * The heap of the test is cut at random, as an allocator cuts one: blocks do
 * not overlap, and an address is that of a small block now and of a large one
 * later.
 */
#include "memtrace/blocktable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/error.h"
#include "core/base/rawmem.h"

#define UNITS 65536u  // of 16 bytes
#define HEAP (UINT64_C(0x7f0123400000) + 4096)
#define TURNS PT_SIZE(3000000u, 300000u)

static uint32_t id_of[UNITS];     // of the block that begins there, or 0
static uint32_t units_of[UNITS];  // how long it is
static unsigned char taken[UNITS];

static uint32_t
next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(*state >> 33);
}

static uintptr_t
address_of(uint32_t unit)
{
    return HEAP + (uintptr_t)unit * 16;
}

/* Bytes of all sizes, about as many small as large. */
static size_t
random_bytes(uint64_t *seed)
{
    static const size_t most[] = {16, 64, 512, 513, 1024, 8192, 8193, 100000};

    return next_random(seed) % most[next_random(seed) % 8] + 1;
}

static void
put(struct pt_blocktable *table, uint32_t at, size_t bytes, uint32_t id)
{
    uint32_t units = (uint32_t)((bytes + 15) / 16), old = 77;

    if (at + units > UNITS || memchr(&taken[at], 1, units) != NULL) {
        return;
    }
    assert_int_equal(pt_blocktable_put(table, address_of(at), bytes, id, &old),
                     PT_OK);
    assert_int_equal(old, 0);
    memset(&taken[at], 1, units);
    id_of[at] = id;
    units_of[at] = units;
}

static void
take(struct pt_blocktable *table, uint32_t at)
{
    assert_int_equal(pt_blocktable_take(table, address_of(at)), id_of[at]);
    assert_int_equal(pt_blocktable_take(table, address_of(at)), 0);
    if (id_of[at] != 0) {
        memset(&taken[at], 0, units_of[at]);
        id_of[at] = 0;
    }
}

static void
test_against_model(void **state)
{
    struct pt_blocktable table;
    uint64_t seed = 1;

    (void)state;
    assert_int_equal(pt_blocktable_init(&table), PT_OK);
    for (uint32_t i = 0; i < TURNS; i++) {
        uint32_t at = next_random(&seed) % UNITS;

        if (next_random(&seed) % 3 == 0) {
            take(&table, at);
        }
        else {
            put(&table, at, random_bytes(&seed), i % ((1u << 23) - 1) + 1);
        }
        at = next_random(&seed) % UNITS;
        assert_int_equal(pt_blocktable_get(&table, address_of(at)), id_of[at]);
    }
    for (uint32_t at = 0; at < UNITS; at++) {
        take(&table, at);
    }
    pt_blocktable_release(&table);
    pt_blocktable_release(&table);
}

/* What an extension reports may lie as it likes, and twice at one address. */
static void
test_no_blocks_of_an_allocator(void **state)
{
    struct pt_blocktable table;
    uint32_t old;

    (void)state;
    assert_int_equal(pt_blocktable_init(&table), PT_OK);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(
            pt_blocktable_put(&table, HEAP + i * 16, 5000, i + 1, &old),
            PT_OK);
        assert_int_equal(old, 0);
    }
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(
            pt_blocktable_put(&table, HEAP + i * 16, 50000, i + 201, &old),
            PT_OK);
        assert_int_equal(old, i + 1);
    }
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(pt_blocktable_take(&table, HEAP + i * 16), i + 201);
    }
    pt_blocktable_release(&table);
}

/* Bytes of the table for each block of a size, behind each other. */
static uint64_t
bytes_for(size_t bytes)
{
    enum { COUNT = 20000 };
    struct pt_blocktable table;
    uint64_t before, used;
    uint32_t old;

    assert_int_equal(pt_blocktable_init(&table), PT_OK);
    before = pt_blocktable_resident_bytes(&table);
    for (uintptr_t i = 0; i < COUNT; i++) {
        assert_int_equal(
            pt_blocktable_put(&table, HEAP + i * (bytes + 16), bytes, 1, &old),
            PT_OK);
    }
    used = pt_blocktable_resident_bytes(&table) - before;
    pt_blocktable_release(&table);
    return used / COUNT;
}

/* Mebibytes take few slots; without coarse tables it would be a page each. */
static void
test_cost_of_large_blocks(void **state)
{
    (void)state;
    assert_true(bytes_for(48) <= 18);
    assert_true(bytes_for(600) <= 8);
    assert_true(bytes_for(1024) <= 12);
    assert_true(bytes_for(4096) <= 36);
    assert_true(bytes_for(10000) <= 8);
    assert_true(bytes_for(65536) <= 36);
}

#ifdef PT_TORTURE
static void
test_torture(void **state)
{
    (void)state;
    for (uint64_t nth = 1, failed = 1; failed; nth++) {
        struct pt_blocktable table;
        uint32_t old;

        pt_rawmem_fail_at(nth);
        if (pt_blocktable_init(&table) == PT_OK) {
            for (size_t bytes = 1; bytes < 100000; bytes *= 10) {
                if (pt_blocktable_put(&table, HEAP, bytes, 5, &old) == PT_OK) {
                    assert_int_equal(pt_blocktable_take(&table, HEAP), 5);
                }
                assert_int_equal(pt_blocktable_get(&table, HEAP), 0);
            }
        }
        pt_blocktable_release(&table);
        failed = (uint64_t)pt_rawmem_has_failed();
        pt_rawmem_fail_at(0);
    }
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_model),
        cmocka_unit_test(test_no_blocks_of_an_allocator),
        cmocka_unit_test(test_cost_of_large_blocks),
#ifdef PT_TORTURE
        cmocka_unit_test(test_torture),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
