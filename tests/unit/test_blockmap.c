/* SPDX-License-Identifier: MIT */
/* test_blockmap.c - the map of other blocks against a plain array. */
#include "memtrace/blockmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/error.h"
#include "core/base/rawmem.h"

#define BLOCKS 600u
#define OPERATIONS 2000000u

static void
test_against_model(void **state)
{
    static uint32_t model[2][BLOCKS];
    struct pt_blockmap map;
    uint64_t seed = 1;

    (void)state;
    pt_blockmap_init(&map);
    for (uint32_t i = 1; i <= OPERATIONS; i++) {
        uint32_t k, domain, old;

        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        k = (uint32_t)(seed >> 33) % BLOCKS;
        domain = seed >> 62 & 1;
        assert_int_equal(pt_blockmap_get(&map, k * 8 + 1, domain),
                         model[domain][k]);
        if (seed >> 60 & 1) {
            assert_int_equal(pt_blockmap_put(&map, k * 8 + 1, domain, i, &old),
                             PT_OK);
            assert_int_equal(old, model[domain][k]);
            model[domain][k] = i;
        }
        else {
            assert_int_equal(pt_blockmap_take(&map, k * 8 + 1, domain),
                             model[domain][k]);
            model[domain][k] = 0;
        }
    }
    pt_blockmap_release(&map);
    pt_blockmap_release(&map);
    assert_int_equal(pt_blockmap_get(&map, 1, 0), 0);
}

#ifdef PT_TORTURE
static void
test_without_memory(void **state)
{
    struct pt_blockmap map;
    uint32_t old;

    (void)state;
    pt_blockmap_init(&map);
    pt_rawmem_fail_at(1);
    assert_int_equal(pt_blockmap_put(&map, 16, 3, 1, &old), PT_ERR_NOMEM);
    assert_int_equal(pt_blockmap_get(&map, 16, 3), 0);
    assert_int_equal(pt_blockmap_put(&map, 16, 3, 1, &old), PT_OK);
    assert_int_equal(pt_blockmap_get(&map, 16, 3), 1);
    pt_blockmap_release(&map);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_model),
#ifdef PT_TORTURE
        cmocka_unit_test(test_without_memory),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
