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

/* As the hooks file a small block: where it is looked for first, if it can be
 * there. */
static int
put_in_front(struct pt_blocktable *table, uintptr_t block, size_t bytes,
             uint32_t id)
{
    pt_shadow_slot *slot =
        bytes > PT_BLOCKTABLE_SMALL_BYTES
            ? NULL
            : pt_blocktable_slot(table, block, pt_blocktable_shift(bytes));

    if (slot == NULL || pt_shadow_get(slot) != 0) {
        return 0;
    }
    pt_shadow_set(slot, pt_blocktable_content(block, id));
    return 1;
}

static int
take_in_front(struct pt_blocktable *table, uintptr_t block, uint32_t id)
{
    pt_shadow_slot *slot = pt_blocktable_slot(table, block, PT_BLOCKTABLE_ANY);
    uint32_t found =
        slot != NULL ? pt_blocktable_id(block, pt_shadow_get(slot)) : 0;

    if (found == 0 || found >= PT_BLOCKTABLE_IDS) {
        return 0;
    }
    assert_int_equal(found, id);
    pt_shadow_set(slot, 0);
    return 1;
}

static void
put(struct pt_blocktable *table, uint32_t at, size_t bytes, uint32_t id)
{
    uint32_t units = (uint32_t)((bytes + 15) / 16), old = 77;

    if (at + units > UNITS || memchr(&taken[at], 1, units) != NULL) {
        return;
    }
    if (id % 3 == 0 || !put_in_front(table, address_of(at), bytes, id)) {
        if (id % 2 == 0) {
            pt_blocktable_prefer(table, address_of(at), bytes);
        }
        assert_int_equal(
            pt_blocktable_put(table, address_of(at), bytes, id, &old), PT_OK);
        assert_int_equal(old, 0);
    }
    memset(&taken[at], 1, units);
    id_of[at] = id;
    units_of[at] = units;
}

static void
take(struct pt_blocktable *table, uint32_t at)
{
    if (at % 3 == 0 || !take_in_front(table, address_of(at), id_of[at])) {
        assert_int_equal(pt_blocktable_take(table, address_of(at)), id_of[at]);
    }
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
    assert_null(pt_blocktable_slot(&table, 0, PT_BLOCKTABLE_ANY));
    pt_blocktable_release(&table);
}

/* Sizes change in one page, and what was filed before is still found. */
static void
test_page_of_many_sizes(void **state)
{
    const uintptr_t page = HEAP & ~(PT_BLOCKTABLE_PAGE - 1);
    struct pt_blocktable table;
    uint32_t old;

    (void)state;
    assert_int_equal(pt_blocktable_init(&table), PT_OK);
    for (uint32_t size = 512, at = 0, id = 1; size >= 16; size /= 2, id++) {
        uintptr_t block = page + at;

        // Too wide for this block, where there is one at all.
        assert_null(
            pt_blocktable_slot(&table, block, pt_blocktable_shift(size)));
        pt_blocktable_prefer(&table, block, size);
        assert_int_equal(pt_blocktable_put(&table, block, size, id, &old),
                         PT_OK);
        assert_non_null(
            pt_blocktable_slot(&table, block, pt_blocktable_shift(size)));
        at += size;
    }
    for (uint32_t size = 512, at = 0, id = 1; size >= 16; size /= 2, id++) {
        assert_int_equal(pt_blocktable_get(&table, page + at), id);
        pt_blocktable_change(&table, page + at, id + 100);
        assert_int_equal(pt_blocktable_take(&table, page + at), id + 100);
        pt_blocktable_change(&table, page + at, id);
        assert_int_equal(pt_blocktable_get(&table, page + at), 0);
        at += size;
    }
    pt_blocktable_release(&table);
}

/* A mark goes with the page's windows, and is one at the most. */
static void
test_mark(void **state)
{
    const uintptr_t page = HEAP & ~(PT_BLOCKTABLE_PAGE - 1);
    struct pt_blocktable table;
    uint32_t old;

    (void)state;
    assert_int_equal(pt_blocktable_init(&table), PT_OK);
    pt_blocktable_mark(&table, page, 7);
    assert_int_equal(pt_blocktable_get(&table, page), 7);
    pt_blocktable_prefer(&table, page + 64, 64);
    assert_int_equal(pt_blocktable_put(&table, page + 64, 64, 8, &old), PT_OK);
    assert_int_equal(pt_blocktable_get(&table, page), 7);
    pt_blocktable_mark(&table, page, 9);
    assert_int_equal(
        pt_blocktable_id(page, pt_shadow_get(pt_blocktable_slot(
                                   &table, page, PT_BLOCKTABLE_ANY))),
        9);
    assert_int_equal(pt_blocktable_take(&table, page), 9);
    assert_int_equal(pt_blocktable_get(&table, page), 0);
    assert_int_equal(pt_blocktable_get(&table, page + 64), 8);
    pt_blocktable_release(&table);
}

/* A block with an id that has no room at its level, the highest there is. */
static void
test_large_ids(void **state)
{
    struct pt_blocktable table;
    uint32_t old;

    (void)state;
    assert_int_equal(pt_blocktable_init(&table), PT_OK);
    for (uint32_t i = 0; i < 23; i++) {
        uint32_t id = PT_BLOCKTABLE_IDS - (1u << i);

        assert_int_equal(
            pt_blocktable_put(&table, HEAP, (size_t)1 << 30, id, &old), PT_OK);
        assert_int_equal(pt_blocktable_take(&table, HEAP), id);
        assert_int_equal(pt_blocktable_take(&table, HEAP + 65536), 0);
    }
    pt_blocktable_release(&table);
}

/* What lived in a range that is given back is not found there again. */
static void
test_trim(void **state)
{
    enum { ARENA = 1 << 20 };
    const uintptr_t arena = HEAP & ~(uintptr_t)(ARENA - 1);
    struct pt_blocktable table;
    uint64_t before, filled;
    uint32_t old;

    (void)state;
    assert_int_equal(pt_blocktable_init(&table), PT_OK);
    before = pt_blocktable_resident_bytes(&table);
    for (uintptr_t at = 0; at < ARENA; at += 32) {
        assert_int_equal(pt_blocktable_put(&table, arena + at, 32, 7, &old),
                         PT_OK);
    }
    assert_int_equal(pt_blocktable_put(&table, arena + ARENA, 32, 8, &old),
                     PT_OK);
    filled = pt_blocktable_resident_bytes(&table);
    pt_blocktable_trim(&table, arena, ARENA);
    assert_true(pt_blocktable_resident_bytes(&table) - before <
                (filled - before) / 2);
    for (uintptr_t at = 0; at < ARENA; at += 32) {
        assert_int_equal(pt_blocktable_get(&table, arena + at), 0);
    }
    assert_int_equal(pt_blocktable_get(&table, arena + ARENA), 8);
    pt_blocktable_release(&table);
}

/* Bytes of the table for each block of a size, with 16 bytes between them. */
static uint64_t
bytes_for(size_t bytes)
{
    enum { COUNT = 20000 };
    size_t stride = ((bytes + 15) & ~(size_t)15) + 16;
    struct pt_blocktable table;
    uint64_t before, used;
    uint32_t old;

    assert_int_equal(pt_blocktable_init(&table), PT_OK);
    before = pt_blocktable_resident_bytes(&table);
    for (uintptr_t i = 0; i < COUNT; i++) {
        pt_blocktable_prefer(&table, HEAP + i * stride, bytes);
        assert_int_equal(
            pt_blocktable_put(&table, HEAP + i * stride, bytes, 1, &old),
            PT_OK);
    }
    used = pt_blocktable_resident_bytes(&table) - before;
    pt_blocktable_release(&table);
    return used / COUNT;
}

/* A slot of 4 bytes for each half or whole of a block; the rest is what pages
 * and directories take of so few blocks. */
static void
test_cost_of_blocks(void **state)
{
    static const size_t sizes[] = {
        16,   17,   48,   64,   100,  400,   500,   512,   513,   600,
        1000, 2000, 4096, 8000, 9000, 16384, 30000, 60000, 100000};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_in_range(bytes_for(sizes[i]), 3, 14);
    }
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
                pt_blocktable_prefer(&table, HEAP, bytes);
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
        cmocka_unit_test(test_page_of_many_sizes),
        cmocka_unit_test(test_mark),
        cmocka_unit_test(test_large_ids),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_cost_of_blocks),
#ifdef PT_TORTURE
        cmocka_unit_test(test_torture),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
