/* SPDX-License-Identifier: MIT */
/* test_pair.c - counts, peaks, the table at the peak, views; many threads. */
#include "memtrace/pair.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/shadow.h"

#define KINDS 40u
#define STEPS 200000u
#define THREADS 4

static struct pt_timeline timeline;
static struct pt_pairs pairs;

static int
set_up(void **state)
{
    (void)state;
    return pt_timeline_attach(&timeline, -1, NULL) != PT_OK ||
           pt_pairs_init(&pairs, &timeline) != PT_OK;
}

static int
tear_down(void **state)
{
    (void)state;
    pt_pairs_release(&pairs);
    pt_timeline_release(&timeline);
    return 0;
}

static struct pt_pair *
pair_of(uint32_t node, uint64_t bytes, uint32_t domain, uint32_t *id)
{
    struct pt_pair *pair = pt_pairs_find(&pairs, node, bytes, domain, id);

    return pair != NULL ? pair
                        : pt_pairs_make_slow(&pairs, node, bytes, domain, id);
}

static void
born(struct pt_pair *pair)
{
    if (pt_pairs_born(&pairs, pair)) {
        pt_pairs_peak_slow(&pairs);
    }
}

static int64_t
at_peak(const struct pt_pair *pair)
{
    return pair->epoch == timeline.process->peak_epoch ? pair->saved
                                                       : pair->live;
}

/* Random births and deaths; the model keeps the counts at the peak. */
static void
test_against_model(void **state)
{
    int64_t live[KINDS] = {0}, highest[KINDS] = {0};
    uint64_t total = 0, peak = 0, seed = 3;

    (void)state;
    for (uint32_t step = 0; step < STEPS; step++) {
        struct pt_pair *pair;
        uint32_t kind, id;

        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        kind = (uint32_t)(seed >> 33) % KINDS;
        pair = pair_of(kind / 4 + 1, kind * 10, PT_DOMAIN_PYTHON, &id);
        assert_non_null(pair);
        if (live[kind] > 0 && seed >> 61 & 1) {
            pt_pairs_died(&pairs, pair);
            live[kind]--;
            total -= kind * 10;
            continue;
        }
        born(pair);
        live[kind]++;
        total += kind * 10;
        if (total > peak) {
            peak = total;
            for (uint32_t k = 0; k < KINDS; k++) {
                highest[k] = live[k];
            }
        }
    }
    assert_int_equal(timeline.process->traced_bytes, total);
    assert_int_equal(timeline.process->peak_bytes, peak);
    for (uint32_t k = 0; k < KINDS; k++) {
        uint32_t id;
        const struct pt_pair *pair =
            pt_pairs_find(&pairs, k / 4 + 1, k * 10, PT_DOMAIN_PYTHON, &id);

        assert_int_equal(pair != NULL ? pair->live : 0, live[k]);
        if (k > 0) {  // blocks of no bytes come and go without a new peak
            assert_int_equal(pair != NULL ? at_peak(pair) : 0, highest[k]);
        }
    }
}

static void
test_view(void **state)
{
    struct pt_pair *old, *new;
    uint32_t id, other;

    (void)state;
    old = pair_of(1, 100, PT_DOMAIN_PYTHON, &id);
    born(old);
    born(old);
    pt_pairs_rebase(&pairs);
    assert_int_equal(pt_pairs_totals(&pairs).current_bytes, 0);
    assert_int_equal(pt_pairs_totals(&pairs).peak_bytes, 0);

    new = pair_of(1, 100, PT_DOMAIN_PYTHON, &other);
    assert_int_not_equal(id, other);
    born(new);
    pt_pairs_died_slow(&pairs, old);
    assert_int_equal(pt_pairs_totals(&pairs).current_bytes, 100);
    born(new);
    pt_pairs_died(&pairs, new);
    assert_int_equal(pt_pairs_totals(&pairs).current_bytes, 100);
    assert_int_equal(pt_pairs_totals(&pairs).peak_bytes, 200);
    pt_pairs_reset_peak(&pairs);
    assert_int_equal(pt_pairs_totals(&pairs).peak_bytes, 100);

    // The recording knows nothing of views.
    assert_int_equal(timeline.process->traced_bytes, 200);
    assert_int_equal(timeline.process->peak_bytes, 300);
}

/* What RAW hooks do, in threads that share nothing but the tables. */
static struct pt_shadow shadow;

static void *
allocate(void *data)
{
    uintptr_t base = (uintptr_t)data;

    for (uint32_t step = 0; step < 20000; step++) {
        uintptr_t block = base + step % 1000 * 64;
        pt_shadow_slot *slot = pt_shadow_make(&shadow, block);
        uint32_t id = pt_shadow_get(slot);

        if (id != 0) {
            pt_shadow_set(slot, 0);
            pt_pairs_died_slow(&pairs, pt_pairs_at(&pairs, id));
        }
        pt_pairs_born_slow(&pairs,
                           pair_of(step % 50, step % 90, PT_DOMAIN_RAW, &id));
        pt_shadow_set(slot, id);
    }
    return NULL;
}

static void
test_many_threads(void **state)
{
    pthread_t thread[THREADS];
    int64_t blocks = 0, bytes = 0;

    (void)state;
    assert_int_equal(pt_shadow_init(&shadow), PT_OK);
    for (uintptr_t i = 0; i < THREADS; i++) {
        // Neighbours in one leaf.
        pthread_create(&thread[i], NULL, allocate,
                       (void *)(UINT64_C(0x7f0000000000) + i * 16));
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
    for (uint32_t id = 1; id < *pairs.array->items; id++) {
        const struct pt_pair *pair = pt_pairs_at(&pairs, id);

        blocks += pair->live;
        bytes += pair->live * (int64_t)pair->size_bytes;
    }
    assert_int_equal(blocks, THREADS * 1000);
    assert_int_equal(timeline.process->raw_bytes, bytes);
    assert_true(timeline.process->peak_bytes >= (uint64_t)bytes);
    pt_shadow_release(&shadow);
}

static void
test_temporary(void **state)
{
    const struct pt_array *array = &timeline.array[PT_SEGMENT_TEMPORARY];
    uint32_t id;

    (void)state;
    assert_non_null(pair_of(1, 8, PT_DOMAIN_PYTHON, &id));
    assert_in_range(*array->items, 0, 1);
    // Asked for with some pairs there, as in a view.
    timeline.header->wanted |= PT_WANT_TEMPORARY;
    for (uint32_t bytes = 9; bytes < 5000; bytes++) {
        assert_non_null(pair_of(1, bytes, PT_DOMAIN_PYTHON, &id));
        assert_in_range(*array->items, id + 1, UINT32_MAX);
        assert_int_equal(*(uint64_t *)pt_array_at(array, id), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_against_model, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_view, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_temporary, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_threads, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
