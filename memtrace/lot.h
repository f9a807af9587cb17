/* SPDX-License-Identifier: MIT */
/* lot.h - the blocks drawn for the sample, and the way to the next one.
 *
 * One for the process. A thread knows how many bytes are left up to its next
 * point (core/base/poisson.h). A block in the sample is filed by address; in
 * the pages of its number there is then a mark, so that nearly all other
 * blocks are freed without a search.
 */
#ifndef PT_MEMTRACE_LOT_H
#define PT_MEMTRACE_LOT_H

#include "core/py/compat.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "memtrace/backtrace.h"
#include "memtrace/blockmap.h"
#include "memtrace/pair.h"

#define PT_LOT_NO_POINT UINT64_MAX
#define PT_LOT_PAGE_SHIFT 12
#define PT_LOT_MARKS PT_SIZE(1u << 18, 2u)

struct pt_gap {
    uint64_t left;  // bytes up to the next point
    uint64_t seed;  // 0: not drawn yet
};

struct pt_lot {
    uint32_t mean_bytes;  // between points
    atomic_int on;
    struct pt_backtrace backtrace;
    struct pt_pairs pairs;
    struct pt_blockmap blocks;
    // How many blocks there are in the pages of each number, modulo the size.
    _Atomic uint16_t marks[PT_LOT_MARKS];
};

extern struct pt_lot pt_lot;
extern PT_THREAD_LOCAL struct pt_gap pt_lot_gap;

/* Begin with an empty sample over `catalog`, one block in `mean_bytes`. Blocks
 * are filed while `on` is set. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_lot_init(struct pt_catalog *catalog, uint32_t mean_bytes);

/* Go over so many bytes, with a point in them perhaps. Is there one, and is
 * the block to be filed? The next point is then behind them: points know
 * nothing of each other. Hook-safe. */
int pt_lot_meets(size_t bytes);

/* File a block of the sample, under the stack of this thread. Hook-safe. */
void pt_lot_file(uint32_t domain, uintptr_t block, size_t bytes,
                 enum pt_backtrace_caller caller);

/* Take a block out of the sample; the id of its pair, or 0. Hook-safe. */
uint32_t pt_lot_forget(uint32_t domain, uintptr_t block);

/* Put a block back that was forgotten but not freed after all; or count it as
 * dead. Hook-safe. */
void pt_lot_restore(uint32_t domain, uintptr_t block, uint32_t id);
void pt_lot_died(uint32_t id);

PT_INLINE _Atomic uint16_t *
pt_lot_mark(uintptr_t block)
{
    return &pt_lot.marks[block >> PT_LOT_PAGE_SHIFT & (PT_LOT_MARKS - 1)];
}

/* False: the block is not in the sample. Hook-safe. The thread that owns the
 * block. */
PT_INLINE int
pt_lot_may_have(uintptr_t block)
{
    return pt_unlikely(
        atomic_load_explicit(pt_lot_mark(block), memory_order_relaxed) != 0);
}

#endif
