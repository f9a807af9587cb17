/* SPDX-License-Identifier: MIT */
/* test_shadow.c - the block table against a plain array, and its limits. */
#include "core/base/shadow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/error.h"

#define BLOCKS 4096u
#define OPERATIONS 4000000u

static uint64_t
next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return *state >> 33;
}

/* Block k of the model: clusters all over the 48 bits, so that roots, middles
 * and leaves of all kinds are met. */
static uintptr_t
address_of(uint32_t k)
{
    uintptr_t cluster = (uintptr_t)(k % 16) * UINT64_C(0x0FFF12345670);

    return (cluster + (uintptr_t)k * 4096 + k % 64 * 16) &
           UINT64_C(0xFFFFFFFFFFF0);
}

static void
test_against_model(void **state)
{
    static uint32_t model[BLOCKS];
    struct pt_shadow shadow;
    uint64_t seed = 1;

    (void)state;
    assert_int_equal(pt_shadow_init(&shadow), PT_OK);
    for (uint32_t i = 0; i < OPERATIONS; i++) {
        uint32_t k = (uint32_t)next_random(&seed) % BLOCKS;
        uint32_t id = (uint32_t)next_random(&seed) % 3 == 0 ? 0 : i + 1;
        pt_shadow_slot *slot = pt_shadow_find(&shadow, address_of(k));

        assert_int_equal(slot != NULL ? pt_shadow_get(slot) : 0, model[k]);
        slot = pt_shadow_make(&shadow, address_of(k));
        assert_non_null(slot);
        pt_shadow_set(slot, id);
        model[k] = id;
    }
    for (uint32_t k = 0; k < BLOCKS; k++) {
        assert_int_equal(pt_shadow_get(pt_shadow_make(&shadow, address_of(k))),
                         model[k]);
    }
    pt_shadow_release(&shadow);
    pt_shadow_release(&shadow);
}

static void
test_refused_addresses(void **state)
{
    static const uintptr_t refused[] = {1, 8, 0x1008, UINT64_C(1) << 48,
                                        UINTPTR_MAX & ~(uintptr_t)15};
    struct pt_shadow shadow;

    (void)state;
    assert_int_equal(pt_shadow_init(&shadow), PT_OK);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_null(pt_shadow_make(&shadow, refused[i]));
        assert_null(pt_shadow_find(&shadow, refused[i]));
    }
    assert_non_null(pt_shadow_make(&shadow, (UINT64_C(1) << 48) - 16));
    pt_shadow_release(&shadow);
}

static void
test_trim_gives_back_and_spares_neighbours(void **state)
{
    const uintptr_t start = UINT64_C(0x7f0000000000), end = start + (3u << 20);
    struct pt_shadow shadow;
    uint64_t before, after;

    (void)state;
    assert_int_equal(pt_shadow_init(&shadow), PT_OK);
    for (uintptr_t at = start - 4096; at < end + 4096; at += 4096) {
        pt_shadow_set(pt_shadow_make(&shadow, at), 7);
    }
    before = pt_shadow_resident_bytes(&shadow);
    pt_shadow_trim(&shadow, start, end - start);
    after = pt_shadow_resident_bytes(&shadow);
    // How much less, not every kernel tells.
    assert_true(after <= before);
    for (uintptr_t at = start; at < end; at += 4096) {
        assert_int_equal(pt_shadow_get(pt_shadow_find(&shadow, at)), 0);
    }
    assert_int_equal(pt_shadow_get(pt_shadow_find(&shadow, start - 4096)), 7);
    assert_int_equal(pt_shadow_get(pt_shadow_find(&shadow, end)), 7);
    // Less than a page of slots is left alone.
    pt_shadow_trim(&shadow, end, 1024);
    assert_int_equal(pt_shadow_get(pt_shadow_find(&shadow, end)), 7);
    pt_shadow_release(&shadow);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_model),
        cmocka_unit_test(test_refused_addresses),
        cmocka_unit_test(test_trim_gives_back_and_spares_neighbours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
