/* SPDX-License-Identifier: MIT */
/* test_tally.c - counts are exact, and keys stay in the order they came in. */
#include "tests/unit/support.h"

#include "core/base/rawmem.h"
#include "core/base/tally.h"

#define KEYS 5000

/* Keys that are neither sorted nor small. */
static uint64_t
key_of(uint32_t i)
{
    return pt_tally_key(i * UINT32_C(2654435761), i % 7);
}

static void
a_key_counts_what_was_added(void **state)
{
    struct pt_tally tally;

    (void)state;
    assert_int_equal(pt_tally_init(&tally), PT_OK);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < KEYS; i++) {
            pt_tally_add(&tally, key_of(i), i);
        }
    }
    assert_int_equal(tally.used, KEYS + 1);
    for (uint32_t i = 0; i < KEYS; i++) {
        assert_int_equal(tally.entry[i + 1].key, key_of(i));
        assert_int_equal(tally.entry[i + 1].count, 3 * (uint64_t)i);
    }
    assert_int_equal(tally.dropped, 0);
    pt_tally_release(&tally);
    pt_tally_release(&tally);
}

static void
zero_is_a_key_like_others(void **state)
{
    struct pt_tally tally;

    (void)state;
    assert_int_equal(pt_tally_init(&tally), PT_OK);
    pt_tally_add(&tally, 0, 1);
    pt_tally_add(&tally, 0, 1);
    assert_int_equal(tally.used, 2);
    assert_int_equal(tally.entry[1].count, 2);
    pt_tally_release(&tally);
}

#ifdef PT_TORTURE
static void
without_memory_events_are_dropped_and_counted(void **state)
{
    (void)state;
    for (uint64_t nth = 1;; nth++) {
        struct pt_tally tally;
        uint64_t sum = 0;

        pt_rawmem_fail_at(nth);
        if (pt_tally_init(&tally) != PT_OK) {
            assert_null(tally.entry);
            continue;
        }
        for (uint32_t i = 0; i < KEYS; i++) {
            pt_tally_add(&tally, key_of(i), 1);
        }
        for (uint32_t i = 1; i < tally.used; i++) {
            sum += tally.entry[i].count;
        }
        assert_int_equal(sum + tally.dropped, KEYS);
        pt_tally_release(&tally);
        if (!pt_rawmem_has_failed()) {
            break;
        }
    }
    pt_rawmem_fail_at(0);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_counts_what_was_added),
        cmocka_unit_test(zero_is_a_key_like_others),
#ifdef PT_TORTURE
        cmocka_unit_test(without_memory_events_are_dropped_and_counted),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
