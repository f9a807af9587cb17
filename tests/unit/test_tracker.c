/* SPDX-License-Identifier: MIT */
/* test_tracker.c - eight threads in the tracker, without jemalloc before it.
 *
 * The preset tsan runs this: blocks are addresses of the test's own, which
 * threads take, hand over to each other and give back.
 */
#include "tests/unit/support.h"

#include <pthread.h>

#include "native/inner.h"
#include "native/tracker.h"

#define THREADS 8
#define BLOCKS 512
#define ROUNDS 100
#define TIMES 3

static struct pt_timeline timeline;
static struct pt_door door = {.timeline = &timeline};

/* What the tracker asks the allocator below it for. */
size_t
sallocx(const void *block, int flags)
{
    (void)block;
    (void)flags;
    return 48;
}

size_t
nallocx(size_t bytes, int flags)
{
    (void)flags;
    return (bytes + 15) / 16 * 16;
}

/* Each thread files the blocks of its row and ends those of the next one's,
 * of the round before; a barrier stands for the allocator's order. */
static pthread_barrier_t barrier;
static char memory[THREADS][BLOCKS][64] __attribute__((aligned(64)));

static struct pt_door_context
tell(void)
{
    return (struct pt_door_context){PT_NODE_NONE, PT_NATIVE_LIBRARY};
}

static void *
work(void *data)
{
    uintptr_t number = (uintptr_t)data;

    for (int round = 0; round < ROUNDS; round++) {
        for (uintptr_t i = 0; i < BLOCKS; i++) {
            struct pt_native_birth birth = {
                .bytes = i % 30 + 17, .site = 0x1000 + i % 7 + number % 2};

            pt_tracker_born(memory[number][i], &birth);
        }
        pthread_barrier_wait(&barrier);
        for (uintptr_t i = 0; i < BLOCKS; i++) {
            pt_native_id id =
                pt_tracker_take(memory[(number + 1) % THREADS][i], 48);

            assert_true(id > PT_NATIVE_OWN);
            pt_tracker_died(id, 0);
        }
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static void
run_threads(void)
{
    pthread_t thread[THREADS];

    for (uintptr_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, work, (void *)i), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
}

static void
nothing_is_lost_between_threads(void **state)
{
    struct pt_array *pairs = &timeline.array[PT_SEGMENT_NATIVE];
    uint64_t born = 0, died = 0;

    (void)state;
    assert_int_equal(
        pt_timeline_attach(&timeline, new_recording(PT_WANT_NATIVE), NULL),
        PT_OK);
    assert_int_equal(pt_tracker_start(&door, 0), PT_OK);
    atomic_store(&door.context, tell);
    pthread_barrier_init(&barrier, NULL, THREADS);
    // The first threads have pairs of their own, later ones share some.
    for (int i = 0; i < TIMES; i++) {
        run_threads();
    }
    for (uint32_t id = 2; id < atomic_load(pairs->items); id++) {
        const struct pt_native_pair *pair = pt_array_at(pairs, id);

        assert_int_equal(atomic_load(&pair->allocated),
                         atomic_load(&pair->freed));
        born += atomic_load(&pair->allocated);
        died += atomic_load(&pair->freed);
    }
    assert_int_equal(born, (uint64_t)THREADS * BLOCKS * ROUNDS * TIMES);
    assert_int_equal(died, born);
    assert_int_equal(pt_tracker_sum().usable_bytes, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_between_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
