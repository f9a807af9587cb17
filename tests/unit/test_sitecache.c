/* SPDX-License-Identifier: MIT */
/* test_sitecache.c - the site cache and the place cache forget and find. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/error.h"
#include "memtrace/placecache.h"
#include "memtrace/sitecache.h"

static void
test_caches(void **state)
{
    struct pt_placecache places = {0};
    struct pt_sitecache sites = {0};
    struct pt_pair pair = {0};

    (void)state;
    assert_int_equal(pt_placecache_init(&places), PT_OK);
    assert_int_equal(pt_sitecache_init(&sites), PT_OK);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 1; i <= 3000; i++) {
            uintptr_t place = 0x7f0000001000 + i * 2;
            struct pt_site site = {
                .key = pt_sitecache_key(&sites, place),
                .size_bytes = i % 5,
                .parent = i % 7,
                .id = i,
                .pair = &pair,
            };

            assert_int_equal(pt_placecache_get(&places, i % 7, place), 0);
            assert_null(pt_sitecache_get(&sites, place, i % 7, i % 5));
            pt_placecache_put(&places, i % 7, place, i);
            pt_sitecache_put(&sites, &site);
            // A cache that grows is empty, which the hostile one does now.
            if (PT_SIZE(1, 0)) {
                assert_int_equal(pt_placecache_get(&places, i % 7, place), i);
            }
            assert_int_equal(pt_sitecache_get(&sites, place, i % 7, i % 5)->id,
                             i);
            assert_null(pt_sitecache_get(&sites, place, i % 7 + 1, i % 5));
            assert_null(pt_sitecache_get(&sites, place, i % 7, i % 5 + 1));
        }
        pt_placecache_clear(&places);
        pt_sitecache_clear(&sites);
    }
    // Generations begin again.
    for (uint32_t i = 0; i < 1u << 16; i++) {
        pt_placecache_clear(&places);
        pt_sitecache_clear(&sites);
    }
    assert_int_equal(pt_placecache_get(&places, 1, 0x7f0000001002), 0);
    assert_null(pt_sitecache_get(&sites, 0x7f0000001002, 1, 1));
    pt_placecache_release(&places);
    pt_sitecache_release(&sites);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_caches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
