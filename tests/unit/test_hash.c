/* SPDX-License-Identifier: MIT */
/* test_hash.c - hashes that spread what our tables hold. */
#include "tests/unit/support.h"

#include "core/base/hash.h"

#define SLOTS 4096u

static void
bytes_hash_as_the_published_fnv_1a(void **state)
{
    static const struct {
        const char *text;
        uint64_t hash;
    } known[] = {
        {"", UINT64_C(0xcbf29ce484222325)},
        {"a", UINT64_C(0xaf63dc4c8601ec8c)},
        {"foobar", UINT64_C(0x85944171f73967e8)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        assert_true(pt_hash_bytes(known[i].text, strlen(known[i].text)) ==
                    known[i].hash);
    }
}

static void
bytes_above_127_and_zeros_count(void **state)
{
    (void)state;
    assert_true(pt_hash_bytes("\x80", 1) != pt_hash_bytes("\x00", 1));
    assert_true(pt_hash_bytes("\0", 1) != pt_hash_bytes("\0\0", 2));
}

static void
the_order_of_a_pair_matters(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        assert_true(pt_hash_pair(i, i + 1) != pt_hash_pair(i + 1, i));
    }
}

/* The fullest of SLOTS slots when a grid of SLOTS pairs is hashed. */
static unsigned
fullest_slot(uint64_t step_a, uint64_t step_b)
{
    static unsigned char used[SLOTS];
    unsigned fullest = 0;

    memset(used, 0, sizeof(used));
    for (uint64_t a = 0; a < 64; a++) {
        for (uint64_t b = 0; b < SLOTS / 64; b++) {
            uint64_t hash = pt_hash_pair(a * step_a, b * step_b);
            unsigned count = ++used[(hash >> 32) % SLOTS];

            fullest = count > fullest ? count : fullest;
        }
    }
    return fullest;
}

static void
the_high_half_spreads_small_and_aligned_pairs(void **state)
{
    static const uint64_t steps[] = {1, 2, 16, 4096, 65536};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        for (size_t j = 0; j < COUNT_OF(steps); j++) {
            // Random hashing would give 6 or 7.
            assert_in_range(fullest_slot(steps[i], steps[j]), 1, 16);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_hash_as_the_published_fnv_1a),
        cmocka_unit_test(bytes_above_127_and_zeros_count),
        cmocka_unit_test(the_order_of_a_pair_matters),
        cmocka_unit_test(the_high_half_spreads_small_and_aligned_pairs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
