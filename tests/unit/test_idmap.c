/* SPDX-License-Identifier: MIT */
/* test_idmap.c - ids found by hash, while the table grows and is written. */
#include "tests/unit/support.h"

#include <pthread.h>

#include "core/base/hash.h"
#include "core/base/idmap.h"
#include "core/base/rawmem.h"

static uint64_t
hash_of(uint32_t id)
{
    return pt_hash_pair(id, 1);
}

/* How often a walk over the ids of `hash` meets `id`. */
static int
meetings(const struct pt_idmap *map, uint64_t hash, uint32_t id)
{
    struct pt_idmap_walk walk;
    uint32_t found = pt_idmap_first(map, hash, &walk);
    int count = 0;

    while (found != 0) {
        count += found == id;
        found = pt_idmap_next(&walk);
    }
    return count;
}

static void
an_empty_map_finds_nothing(void **state)
{
    struct pt_idmap map;

    (void)state;
    assert_int_equal(pt_idmap_init(&map), PT_OK);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(meetings(&map, hash_of(i), i), 0);
    }
    pt_idmap_release(&map);
}

static void
every_id_is_found_once_however_large_the_map(void **state)
{
    struct pt_idmap map;

    (void)state;
    assert_int_equal(pt_idmap_init(&map), PT_OK);
    for (uint32_t i = 1; i <= 20000; i++) {
        assert_int_equal(pt_idmap_insert(&map, hash_of(i), i), PT_OK);
        assert_int_equal(meetings(&map, hash_of(i / 2 + 1), i / 2 + 1), 1);
    }
    for (uint32_t i = 1; i <= 40000; i++) {
        assert_int_equal(meetings(&map, hash_of(i), i), i <= 20000);
    }
    pt_idmap_release(&map);
}

static void
ids_of_one_hash_are_all_met(void **state)
{
    static const uint64_t hashes[] = {0, UINT64_MAX, UINT64_C(1) << 32};
    struct pt_idmap map;

    (void)state;
    assert_int_equal(pt_idmap_init(&map), PT_OK);
    for (uint32_t i = 1; i <= 300; i++) {
        assert_int_equal(pt_idmap_insert(&map, hashes[i % 3], i), PT_OK);
    }
    for (uint32_t i = 1; i <= 300; i++) {
        assert_int_equal(meetings(&map, hashes[i % 3], i), 1);
        assert_int_equal(meetings(&map, hashes[(i + 1) % 3], i), 0);
    }
    pt_idmap_release(&map);
}

static void
all_tables_are_given_back(void **state)
{
    uint64_t before = pt_rawmem_mapped_bytes();
    struct pt_idmap map;

    (void)state;
    assert_int_equal(pt_idmap_init(&map), PT_OK);
    for (uint32_t i = 1; i <= 20000; i++) {
        assert_int_equal(pt_idmap_insert(&map, hash_of(i), i), PT_OK);
    }
    pt_idmap_release(&map);
    assert_int_equal(pt_rawmem_mapped_bytes(), before);
    pt_idmap_release(&map);
}

static struct pt_idmap shared;
static _Atomic uint32_t inserted;

static void *
look_up_what_is_inserted(void *argument)
{
    uint32_t highest = 0;

    while (highest < 20000) {
        highest = atomic_load(&inserted);
        for (uint32_t i = highest > 50 ? highest - 50 : 1; i <= highest; i++) {
            if (meetings(&shared, hash_of(i), i) != 1) {
                return argument;
            }
        }
    }
    return NULL;
}

static void
one_thread_inserts_while_others_look_up(void **state)
{
    pthread_t thread[2];

    (void)state;
    assert_int_equal(pt_idmap_init(&shared), PT_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL,
                                        look_up_what_is_inserted, &shared),
                         0);
    }
    for (uint32_t i = 1; i <= 20000; i++) {
        assert_int_equal(pt_idmap_insert(&shared, hash_of(i), i), PT_OK);
        atomic_store(&inserted, i);
    }
    for (int i = 0; i < 2; i++) {
        void *missed;

        assert_int_equal(pthread_join(thread[i], &missed), 0);
        assert_null(missed);
    }
    pt_idmap_release(&shared);
}

#ifdef PT_TORTURE
static void
without_memory_an_id_is_refused_and_the_others_stay(void **state)
{
    int failed = 1;

    (void)state;
    for (uint64_t nth = 1; failed; nth++) {
        struct pt_idmap map;
        uint32_t refused = 0;

        pt_rawmem_fail_at(nth);
        if (pt_idmap_init(&map) != PT_OK) {
            continue;
        }
        for (uint32_t i = 1; i <= 5000; i++) {
            if (pt_idmap_insert(&map, hash_of(i), i) != PT_OK) {
                assert_int_equal(refused, 0);
                refused = i;
            }
        }
        failed = pt_rawmem_has_failed();
        assert_int_equal(refused != 0, failed);
        for (uint32_t i = 1; i <= 5000; i++) {
            assert_int_equal(meetings(&map, hash_of(i), i), i != refused);
        }
        pt_idmap_release(&map);
    }
    pt_rawmem_fail_at(0);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_finds_nothing),
        cmocka_unit_test(every_id_is_found_once_however_large_the_map),
        cmocka_unit_test(ids_of_one_hash_are_all_met),
        cmocka_unit_test(all_tables_are_given_back),
        cmocka_unit_test(one_thread_inserts_while_others_look_up),
#ifdef PT_TORTURE
        cmocka_unit_test(without_memory_an_id_is_refused_and_the_others_stay),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
