/* SPDX-License-Identifier: MIT */
/* sums.c - what the tracker's pairs and blocks add up to. */
#include <unistd.h>

#include "core/base/rawmem.h"
#include "native/tracker.h"

#define LARGE_BYTES ((uint64_t)65536)

static const struct pt_native_pair *
pair_at(uint32_t id)
{
    return pt_array_at(pt_tracker.pairs, id);
}

static uint64_t
positive(int64_t bytes)
{
    return bytes > 0 ? (uint64_t)bytes : 0;
}

/* Blocks of a pair; another thread may be between two of its counts. */
static uint64_t
live(const struct pt_native_pair *pair)
{
    uint64_t freed = atomic_load_explicit(&pair->freed, memory_order_relaxed);

    return positive((
        int64_t)(pair->inherited +
                 atomic_load_explicit(&pair->allocated, memory_order_relaxed) -
                 freed));
}

struct pt_tracker_sums
pt_tracker_sum(void)
{
    uint32_t items =
        atomic_load_explicit(pt_tracker.pairs->items, memory_order_acquire);
    struct pt_tracker_sums sums = {
        .own_bytes = positive(atomic_load(&pt_tracker.own_bytes)),
        .loose_bytes = positive(atomic_load(&pt_tracker.loose_bytes)),
    };

    sums.usable_bytes = sums.own_bytes + sums.loose_bytes;
    for (uint32_t id = PT_NATIVE_OWN + 1; id < items; id++) {
        const struct pt_native_pair *pair = pair_at(id);

        sums.kind_bytes[pair->kind] += pair->size_bytes * live(pair);
        if (pair->kind != PT_NATIVE_MAP) {
            sums.usable_bytes += pair->usable_bytes * live(pair);
        }
    }
    return sums;
}

static void
add_untouched(void *context, uintptr_t block, uint32_t id)
{
    struct pt_tracker_untouched *sum = context;
    const struct pt_native_pair *pair;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start, end;
    uint64_t bytes;

    if (id <= PT_NATIVE_OWN || id >= atomic_load(pt_tracker.pairs->items)) {
        return;
    }
    pair = pair_at(id);
    if (pair->size_bytes < LARGE_BYTES) {
        return;
    }
    start = (block + page - 1) & ~(page - 1);
    end = (block + pair->size_bytes) & ~(page - 1);
    bytes = end - start -
            pt_rawmem_resident_bytes((const void *)start, end - start);
    if (pair->kind == PT_NATIVE_PYTHON || pair->kind == PT_NATIVE_TRACKED) {
        sum->python_bytes += bytes;
    }
    else {
        sum->other_bytes += bytes;
    }
}

struct pt_tracker_untouched
pt_tracker_untouched(void)
{
    struct pt_tracker_untouched sum = {0};

    pt_nativeblocks_walk(&pt_tracker.blocks, add_untouched, &sum);
    return sum;
}
