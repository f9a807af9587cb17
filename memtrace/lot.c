/* SPDX-License-Identifier: MIT */
/* lot.c - filing the few. */
#include "memtrace/lot.h"

#include <errno.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/poisson.h"
#include "core/py/guard.h"

struct pt_lot pt_lot;
PT_THREAD_LOCAL struct pt_gap pt_lot_gap;

int
pt_lot_init(struct pt_catalog *catalog, uint32_t mean_bytes)
{
    if (pt_pairs_init(&pt_lot.pairs, catalog->timeline) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    if (pt_backtrace_init(&pt_lot.backtrace, catalog) != PT_OK) {
        pt_pairs_release(&pt_lot.pairs);
        return PT_ERR_NOMEM;
    }
    pt_blockmap_init(&pt_lot.blocks);
    pt_lot.mean_bytes = mean_bytes;
    pt_lot.pairs.sample_bytes = mean_bytes;
    return PT_OK;
}

PT_COLD int
pt_lot_meets(size_t bytes)
{
    struct pt_gap *gap = &pt_lot_gap;
    int is_met;

    if (gap->seed == 0) {
        gap->seed = (pt_clock_ns() << 20 ^ (uint64_t)getpid() << 8 ^
                     (uint64_t)(uintptr_t)gap) |
                    1;
        gap->left = pt_poisson_gap(&gap->seed, pt_lot.mean_bytes);
    }
    is_met = gap->left < bytes;
    if (is_met) {
        gap->left = pt_poisson_gap(&gap->seed, pt_lot.mean_bytes);
    }
    else {
        gap->left -= bytes;
    }
    // What the tool itself allocates has its points, but is not filed.
    return is_met && atomic_load(&pt_lot.on) && !pt_guard_is_tool();
}

void
pt_lot_died(uint32_t id)
{
    pt_pairs_died_slow(&pt_lot.pairs, pt_pairs_at(&pt_lot.pairs, id));
}

static void
drop(void)
{
    atomic_fetch_add_explicit(&pt_lot.pairs.process->dropped_blocks, 1,
                              memory_order_relaxed);
}

/* Put a block under its pair; what was at its address died unseen. The mark is
 * there before the block can be looked for. */
static int
put(uint32_t domain, uintptr_t block, uint32_t id)
{
    uint32_t old = 0;

    atomic_fetch_add_explicit(pt_lot_mark(block), 1, memory_order_relaxed);
    if (pt_blockmap_put(&pt_lot.blocks, block, domain, id, &old) != PT_OK) {
        atomic_fetch_sub_explicit(pt_lot_mark(block), 1, memory_order_relaxed);
        drop();
        return -1;
    }
    if (old != 0) {
        atomic_fetch_sub_explicit(pt_lot_mark(block), 1, memory_order_relaxed);
        pt_lot_died(old);
    }
    return 0;
}

PT_COLD void
pt_lot_file(uint32_t domain, uintptr_t block, size_t bytes,
            enum pt_backtrace_caller caller)
{
    struct pt_pairs *pairs = &pt_lot.pairs;
    int saved_errno = errno;
    uint32_t node = pt_backtrace_node(&pt_lot.backtrace, caller);
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
pt_lot_forget(uint32_t domain, uintptr_t block)
{
    uint32_t id = 0;

    if (atomic_load(&pt_lot.on)) {
        id = pt_blockmap_take(&pt_lot.blocks, block, domain);
    }
    if (id != 0) {
        atomic_fetch_sub_explicit(pt_lot_mark(block), 1, memory_order_relaxed);
    }
    return id;
}

PT_COLD void
pt_lot_restore(uint32_t domain, uintptr_t block, uint32_t id)
{
    if (put(domain, block, id) != 0) {
        pt_lot_died(id);
    }
}
