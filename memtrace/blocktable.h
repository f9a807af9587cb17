/* SPDX-License-Identifier: MIT */
/* blocktable.h - from the address of a block to its pair.
 *
 * Shadow tables (core/base/shadow.h), one for each doubling of sizes: a level
 * has a slot for every window of so many bytes of heap, and its blocks are no
 * shorter than a window, so that no two begin in one. A block costs 4 to 8
 * bytes then, of whatever size it is.
 *
 *     level      0   1   2    3    4    5     6 ..    9     10 ..    12
 *     window    16  32  64  128  256  512  1024 .. 8192  16384 .. 65536
 *
 * A slot also tells where in its window, or in 8 KiB, its block begins. So a
 * block is found at whatever level it was filed, and no other is taken for it.
 *
 * Of every 64 KiB of heap it is noted in which levels there are blocks, or
 * were. For the small ones, which most are, a table of pages stands in front:
 * pymalloc gives out blocks of one size from one page, so it has the level at
 * which such a block is filed. Another level, as where sizes are mixed, is
 * slower but no less right.
 */
#ifndef PT_MEMTRACE_BLOCKTABLE_H
#define PT_MEMTRACE_BLOCKTABLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/base/shadow.h"

#define PT_BLOCKTABLE_LEVELS 13
#define PT_BLOCKTABLE_SMALL_BYTES 512          // as pymalloc has it
#define PT_BLOCKTABLE_IDS (UINT32_C(1) << 23)  // ids are lower

#define PT_BLOCKTABLE_PAGE ((uintptr_t)1 << 14)  // bytes; as pymalloc has it
#define PT_BLOCKTABLE_FRONTS PT_SIZE(UINT32_C(1) << 18, 2u)
#define PT_BLOCKTABLE_NO_PAGE ((uintptr_t)16)  // no page has this address

/* Where small blocks of a page are: the slot of one is at `slots` and four
 * times its address, shifted right by what is in the low bits of `slots`.
 * Written under the main interpreter's GIL. A page never leaves. */
struct pt_blocktable_front {
    _Atomic uintptr_t page;  // 0: none
    _Atomic uintptr_t slots;
};

#define PT_BLOCKTABLE_SHIFT ((uintptr_t)255)  // the low bits of `slots`
#define PT_BLOCKTABLE_ANY 255                 // no window is too wide

struct pt_blocktable {
    struct pt_blocktable_front *front;  // PT_BLOCKTABLE_FRONTS of them
    struct pt_shadow level[PT_BLOCKTABLE_LEVELS];
    struct pt_shadow used;  // a bit for each level
};

/* Make an empty table. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_blocktable_init(struct pt_blocktable *table);

/* Unmap everything. Harmless on a released table. No hook may be inside. */
void pt_blocktable_release(struct pt_blocktable *table);

/* Have small blocks of this size be looked for first, in the page of `block`.
 * Hook-safe. Needs the main interpreter's GIL. */
void pt_blocktable_prefer(struct pt_blocktable *table, uintptr_t block,
                          size_t bytes);

/* File a block; *old is what was filed under its address and not taken out, or
 * 0. The address is one that shadow tables do not refuse. PT_ERR_NOMEM: not
 * filed. Hook-safe. The thread that owns the block. */
PT_MUST_CHECK int pt_blocktable_put(struct pt_blocktable *table,
                                    uintptr_t block, size_t bytes, uint32_t id,
                                    uint32_t *old);

/* File a small block of unknown size where it is looked for first, if that is
 * possible, and nowhere else. Hook-safe. Needs the main interpreter's GIL. */
void pt_blocktable_mark(struct pt_blocktable *table, uintptr_t block,
                        uint32_t id);

/* What a block is filed under, or 0; taken out of the table or not. Hook-safe.
 * The thread that owns the block. */
uint32_t pt_blocktable_take(struct pt_blocktable *table, uintptr_t block);
uint32_t pt_blocktable_get(const struct pt_blocktable *table, uintptr_t block);

/* File a small block under another id, if it is filed. Hook-safe. The thread
 * that owns the block. */
void pt_blocktable_change(struct pt_blocktable *table, uintptr_t block,
                          uint32_t id);

/* Give the pages back that file small blocks in this range and no others: none
 * of them lives. Hook-safe. The thread that owns the range. */
void pt_blocktable_trim(struct pt_blocktable *table, uintptr_t address,
                        size_t bytes);

/* Memory the table occupies, in bytes of touched pages. Any thread. */
uint64_t pt_blocktable_resident_bytes(const struct pt_blocktable *table);

/* log2 of the window for blocks of so many bytes, if they are small. */
PT_INLINE uint8_t
pt_blocktable_shift(size_t bytes)
{
    return (uint8_t)pt_highest_bit((bytes + 15) | 16);
}

PT_INLINE struct pt_blocktable_front *
pt_blocktable_front(const struct pt_blocktable *table, uintptr_t block)
{
    return &table->front[block / PT_BLOCKTABLE_PAGE % PT_BLOCKTABLE_FRONTS];
}

/* What a slot of a small block holds, and the id in what it holds: 0, or not
 * lower than PT_BLOCKTABLE_IDS, if it is not of this block. */
PT_INLINE uint32_t
pt_blocktable_content(uintptr_t block, uint32_t id)
{
    return ((uint32_t)block << 19) + id;
}

PT_INLINE uint32_t
pt_blocktable_id(uintptr_t block, uint32_t content)
{
    return content ^ (uint32_t)block << 19;
}

/* Where a block of this page is looked for first, for windows of no more than
 * 1 << `shift`; NULL when the page has none such, as always for address NULL.
 * Hook-safe. The thread that owns the block. */
PT_INLINE pt_shadow_slot *
pt_blocktable_slot(const struct pt_blocktable *table, uintptr_t block,
                   uint8_t shift)
{
    const struct pt_blocktable_front *front =
        pt_blocktable_front(table, block);
    uintptr_t slots;
    uint8_t window;

    if (pt_unlikely(
            (block & ~(PT_BLOCKTABLE_PAGE - 16)) !=
            atomic_load_explicit(&front->page, memory_order_acquire))) {
        return NULL;
    }
    slots = atomic_load_explicit(&front->slots, memory_order_relaxed);
    window = (uint8_t)slots;
    if (pt_unlikely(window > shift)) {
        return NULL;
    }
    slots = (slots & ~PT_BLOCKTABLE_SHIFT) + (block >> window) * 4;
    pt_assume(slots != 0);
    return (pt_shadow_slot *)slots;
}

#endif
