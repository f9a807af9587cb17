/* SPDX-License-Identifier: MIT */
/* test_nativeblocks.c - blocks of all size classes against plain arrays.
 *
 * The heap of the test is cut at random into blocks of jemalloc's classes,
 * which do not overlap; those of 16 KiB and more begin at any 64 bytes of a
 * page, as jemalloc's do.
 */
#include "tests/unit/support.h"

#include "core/base/error.h"
#include "native/nativeblocks.h"

#define HEAP UINT64_C(0x7f0123400000)
#define BLOCKS 3000u
#define ROUNDS 10

static struct {
    uintptr_t start;
    size_t class_bytes;
    uint32_t id;
    int is_met;
} block[BLOCKS];

static uint32_t
next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(*state >> 33);
}

/* Bytes of up to 256 MiB, as many of each magnitude. */
static size_t
random_bytes(uint64_t *seed)
{
    size_t most = (size_t)16 << next_random(seed) % 25;

    return next_random(seed) % most + 1;
}

/* Blocks side by side, or with gaps. */
static void
cut(uint64_t *seed, uint32_t first_id)
{
    uintptr_t at = HEAP;

    for (uint32_t i = 0; i < BLOCKS; i++) {
        size_t class_bytes = pt_nativeblocks_class(random_bytes(seed));

        if (class_bytes >= 16384) {
            at = (at + 4095) / 4096 * 4096 + next_random(seed) % 64 * 64;
        }
        else if (next_random(seed) % 4 == 0) {
            at += next_random(seed) % 100 * 16;
        }
        block[i].start = at;
        block[i].class_bytes = class_bytes;
        block[i].id = first_id + i;
        block[i].is_met = 0;
        at += class_bytes;
    }
}

static void
visit(void *first_id, uintptr_t at, uint32_t id)
{
    uint32_t i = id - *(uint32_t *)first_id;

    assert_true(i < BLOCKS);
    assert_int_equal(block[i].is_met, 0);
    assert_true(at <= block[i].start);
    assert_true(block[i].start - at <= block[i].class_bytes / 256);
    if (block[i].class_bytes < 16384) {
        assert_int_equal(at, block[i].start);
    }
    block[i].is_met = 1;
}

/* An address inside of a block is none, but for those that are close to where
 * a large one begins. */
static void
check_inside(const struct pt_nativeblocks *table, uint32_t i)
{
    uintptr_t inside = block[i].start + 16;
    struct pt_nativeblocks_place place = pt_nativeblocks_search(table, inside);
    uint32_t id = pt_nativeblocks_get(&place), next;

    if (id == 0 || block[i].class_bytes == 16) {
        return;
    }
    next = i + id - block[i].id;
    assert_true(next < BLOCKS);
    assert_true(block[next].class_bytes >= 16384);
    assert_true(block[next].start < inside + block[next].class_bytes / 256);
}

static void
check(const struct pt_nativeblocks *table, uint32_t first_id)
{
    for (uint32_t i = 0; i < BLOCKS; i++) {
        struct pt_nativeblocks_place place =
            pt_nativeblocks_search(table, block[i].start);

        assert_int_equal(pt_nativeblocks_get(&place), block[i].id);
        assert_null(pt_nativeblocks_search(table, block[i].start + 8).slot);
        check_inside(table, i);
    }
    pt_nativeblocks_walk(table, visit, &first_id);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        assert_int_equal(block[i].is_met, 1);
    }
}

/* Addresses that were of small blocks are of large ones the next round. */
static void
test_against_model(void **state)
{
    struct pt_nativeblocks table;
    uint64_t seed = 11;

    (void)state;
    assert_int_equal(pt_nativeblocks_init(&table), PT_OK);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t first_id = PT_NATIVEBLOCKS_IDS - (round + 1) * BLOCKS;

        cut(&seed, first_id);
        for (uint32_t i = 0; i < BLOCKS; i++) {
            struct pt_nativeblocks_place place = pt_nativeblocks_make(
                &table, block[i].start, block[i].class_bytes);

            assert_non_null(place.slot);
            assert_int_equal(pt_nativeblocks_get(&place), 0);
            pt_nativeblocks_set(&place, block[i].id);
        }
        check(&table, first_id);
        for (uint32_t i = 0; i < BLOCKS; i++) {
            struct pt_nativeblocks_place place = pt_nativeblocks_find(
                &table, block[i].start, block[i].class_bytes);

            assert_int_equal(pt_nativeblocks_get(&place), block[i].id);
            pt_nativeblocks_set(&place, 0);
        }
    }
    pt_nativeblocks_release(&table);
    pt_nativeblocks_release(&table);
}

/* The highest addresses there are, and some that there are not. */
static void
test_far_addresses(void **state)
{
    const uintptr_t top = ((uintptr_t)1 << 48) - ((uintptr_t)1 << 30);
    struct pt_nativeblocks table;

    (void)state;
    assert_int_equal(pt_nativeblocks_init(&table), PT_OK);
    for (unsigned level = 0; level < PT_NATIVEBLOCKS_LEVELS; level++) {
        struct pt_nativeblocks_place place =
            pt_nativeblocks_make(&table, top, (size_t)16 << 2 * level);

        assert_non_null(place.slot);
        pt_nativeblocks_set(&place, 7 + level);
        place = pt_nativeblocks_search(&table, top);
        assert_int_equal(pt_nativeblocks_get(&place), 7 + level);
        assert_null(
            pt_nativeblocks_search(&table, top | UINT64_C(1) << 60).slot);
        pt_nativeblocks_set(&place, 0);
        assert_null(pt_nativeblocks_search(&table, top).slot);
    }
    assert_null(pt_nativeblocks_search(&table, 0).slot);
    pt_nativeblocks_release(&table);
}

/* From the size that is asked for to the level. */
static void
test_classes(void **state)
{
    static const struct {
        size_t bytes, class_bytes;
        unsigned level;
    } row[] = {
        {1, 16, 0},
        {16, 16, 0},
        {49, 64, 1},
        {65, 80, 1},
        {128, 128, 1},
        {129, 160, 1},
        {255, 256, 2},
        {1024, 1024, 3},
        {1025, 1280, 3},
        {3585, 4096, 4},
        {16384, 16384, 5},
        {16385, 20480, 5},
        {1000000, 1048576, 8},
        {(size_t)1 << 40, (size_t)1 << 40, 11},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        assert_int_equal(pt_nativeblocks_class(row[i].bytes),
                         row[i].class_bytes);
        assert_int_equal(pt_nativeblocks_level(row[i].class_bytes),
                         row[i].level);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_model),
        cmocka_unit_test(test_far_addresses),
        cmocka_unit_test(test_classes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
