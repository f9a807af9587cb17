/* SPDX-License-Identifier: MIT */
/* sample.c - filing the few. */
#include "memtrace/sample.h"

#include <errno.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/poisson.h"
#include "core/py/guard.h"

struct pt_sample pt_sample;
PT_THREAD_LOCAL struct pt_gap pt_sample_gap;

int
pt_sample_init(struct pt_catalog *catalog, uint32_t mean_bytes)
{
    if (pt_pairs_init(&pt_sample.pairs, catalog->timeline) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    if (pt_backtrace_init(&pt_sample.backtrace, catalog) != PT_OK) {
        pt_pairs_release(&pt_sample.pairs);
        return PT_ERR_NOMEM;
    }
    pt_blockmap_init(&pt_sample.blocks);
    pt_sample.mean_bytes = mean_bytes;
    pt_sample.pairs.sample_bytes = mean_bytes;
    return PT_OK;
}

PT_COLD int
pt_sample_meets(size_t bytes)
{
    struct pt_gap *gap = &pt_sample_gap;
    int is_met;

    if (gap->seed == 0) {
        gap->seed = (pt_clock_ns() << 20 ^ (uint64_t)getpid() << 8 ^
                     (uint64_t)(uintptr_t)gap) |
                    1;
        gap->left = pt_poisson_gap(&gap->seed, pt_sample.mean_bytes);
    }
    is_met = gap->left < bytes;
    if (is_met) {
        gap->left = pt_poisson_gap(&gap->seed, pt_sample.mean_bytes);
    }
    else {
        gap->left -= bytes;
    }
    // What the tool itself allocates has its points, but is not filed.
    return is_met && atomic_load(&pt_sample.on) && !pt_guard_inside();
}

void
pt_sample_died(uint32_t id)
{
    pt_pairs_died_slow(&pt_sample.pairs, pt_pairs_at(&pt_sample.pairs, id));
}

static void
drop(void)
{
    atomic_fetch_add_explicit(&pt_sample.pairs.process->dropped_blocks, 1,
                              memory_order_relaxed);
}

/* Put a block under its pair; what was at its address died unseen. The mark is
 * there before the block can be looked for. */
static int
put(uint32_t domain, uintptr_t block, uint32_t id)
{
    uint32_t old = 0;

    atomic_fetch_add_explicit(pt_sample_mark(block), 1, memory_order_relaxed);
    if (pt_blockmap_put(&pt_sample.blocks, block, domain, id, &old) != PT_OK) {
        atomic_fetch_sub_explicit(pt_sample_mark(block), 1,
                                  memory_order_relaxed);
        drop();
        return -1;
    }
    if (old != 0) {
        atomic_fetch_sub_explicit(pt_sample_mark(block), 1,
                                  memory_order_relaxed);
        pt_sample_died(old);
    }
    return 0;
}

PT_COLD void
pt_sample_file(uint32_t domain, uintptr_t block, size_t bytes,
               enum pt_backtrace_caller caller)
{
    struct pt_pairs *pairs = &pt_sample.pairs;
    int saved_errno = errno;
    uint32_t node = pt_backtrace_node(&pt_sample.backtrace, caller);
    uint32_t id;
    struct pt_pair *pair = pt_pairs_find(pairs, node, bytes, domain, &id);

    if (pair == NULL) {
        pair = pt_pairs_make_slow(pairs, node, bytes, domain, &id);
    }
    if (pair == NULL) {
        drop();
    }
    else if (put(domain, block, id) == 0) {
        pt_pairs_born_slow(pairs, pair);
    }
    errno = saved_errno;
}

PT_COLD uint32_t
pt_sample_forget(uint32_t domain, uintptr_t block)
{
    uint32_t id = 0;

    if (atomic_load(&pt_sample.on)) {
        id = pt_blockmap_take(&pt_sample.blocks, block, domain);
    }
    if (id != 0) {
        atomic_fetch_sub_explicit(pt_sample_mark(block), 1,
                                  memory_order_relaxed);
    }
    return id;
}

PT_COLD void
pt_sample_restore(uint32_t domain, uintptr_t block, uint32_t id)
{
    if (put(domain, block, id) != 0) {
        pt_sample_died(id);
    }
}
