/* SPDX-License-Identifier: MIT */
/* test_reserve.c - slots of three sizes, taken by eight threads. */
#include "tests/unit/support.h"

#include <pthread.h>

#include "native/reserve.h"

#define THREADS 8
#define ROUNDS 2000

static void
test_sizes(void **state)
{
    static const struct {
        size_t bytes, align, room;
    } row[] = {{1, 1, 64},       {64, 16, 64},       {65, 1, 2048},
               {10, 128, 2048},  {2048, 2048, 2048}, {2049, 1, 65536},
               {1, 4096, 65536}, {65536, 1, 65536},  {65537, 1, 0},
               {1, 8192, 0}};
    char other;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        char *block = pt_reserve_take(row[i].bytes, row[i].align);

        assert_int_equal(block != NULL, row[i].room != 0);
        if (block != NULL) {
            assert_int_equal((uintptr_t)block % row[i].align, 0);
            assert_int_equal(pt_reserve_bytes(block), row[i].room);
            memset(block, 1, row[i].room);
            assert_int_equal(pt_reserve_give_back(block), 1);
        }
    }
    assert_int_equal(pt_reserve_bytes(&other), 0);
    assert_int_equal(pt_reserve_give_back(&other), 0);
}

/* All there is, the small ones from larger slots in the end; then again. */
static void
test_used_up(void **state)
{
    static char *block[20000];

    (void)state;
    for (int round = 0; round < 2; round++) {
        uint32_t blocks = 0;

        while ((block[blocks] = pt_reserve_take(64, 64)) != NULL) {
            *(uint32_t *)block[blocks] = blocks;
            blocks++;
        }
        assert_int_equal(blocks, 16384 + 512 + 16);
        for (uint32_t i = 0; i < blocks; i++) {
            assert_int_equal(*(uint32_t *)block[i], i);
            pt_reserve_give_back(block[i]);
        }
    }
}

static void *
work(void *data)
{
    uintptr_t number = (uintptr_t)data;

    for (int round = 0; round < ROUNDS; round++) {
        uintptr_t *block[40];

        for (uintptr_t i = 0; i < 40; i++) {
            block[i] = pt_reserve_take(i % 3 == 0 ? 2000 : 8, 8);
            assert_non_null(block[i]);
            *block[i] = number * 100 + i;
        }
        for (uintptr_t i = 0; i < 40; i++) {
            assert_int_equal(*block[i], number * 100 + i);
            pt_reserve_give_back(block[i]);
        }
    }
    return NULL;
}

static void
test_threads(void **state)
{
    pthread_t thread[THREADS];

    (void)state;
    for (uintptr_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, work, (void *)i), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_used_up),
        cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
