/* SPDX-License-Identifier: MIT */
/* nativeblocks.h - the pair of every native block, by its address.
 *
 * A shadow table has a slot for every 16 bytes of heap, which is much for
 * large blocks. jemalloc gives out blocks of one size class from one page, so
 * blocks are kept in tables of their own by class: level n has a slot for
 * every 16 * 4^n bytes, and has the blocks whose class is at least that. A
 * table of pages says which level those of a page are in.
 *
 * The level of a page changes only when no block in it is left, which the
 * allocator orders. No lock; hook-safe.
 */
#ifndef PT_NATIVE_NATIVEBLOCKS_H
#define PT_NATIVE_NATIVEBLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/shadow.h"

// Up to a slot for each page of 4 KiB.
#define PT_NATIVEBLOCKS_LEVELS 5u

struct pt_nativeblocks {
    struct pt_shadow page;  // the level of each page, and 1 added
    struct pt_shadow level[PT_NATIVEBLOCKS_LEVELS];
};

/* Make an empty table. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_nativeblocks_init(struct pt_nativeblocks *table);

/* Unmap everything. Harmless on a released table. */
void pt_nativeblocks_release(struct pt_nativeblocks *table);

/* Call `func` for each block. Those that others file meanwhile may be met or
 * not. Any thread. */
void pt_nativeblocks_walk(const struct pt_nativeblocks *table,
                          pt_shadow_func func, void *context);

/* jemalloc's size class of so many bytes: four to each doubling. */
PT_INLINE size_t
pt_nativeblocks_class(size_t bytes)
{
    unsigned shift;

    if (bytes <= 64) {
        return (bytes + 15) & ~(size_t)15;
    }
    shift = 61u - (unsigned)__builtin_clzll(bytes - 1);
    return (bytes + ((size_t)1 << shift) - 1) & ~(((size_t)1 << shift) - 1);
}

/* The level of blocks of a class, which is 16 at least. */
PT_INLINE unsigned
pt_nativeblocks_level(size_t class_bytes)
{
    unsigned level = (59u - (unsigned)__builtin_clzll(class_bytes)) / 2;

    return level < PT_NATIVEBLOCKS_LEVELS ? level : PT_NATIVEBLOCKS_LEVELS - 1;
}

PT_INLINE pt_shadow_slot *
pt_nativeblocks_page(const struct pt_nativeblocks *table, uintptr_t block)
{
    return pt_shadow_find(&table->page, block >> 8 & ~(uintptr_t)15);
}

/* Where a block is filed: its slot holds `residue`, which is the part of its
 * address that the slot's place does not tell, with the pair's id below it. */
struct pt_nativeblocks_place {
    pt_shadow_slot *slot;  // NULL: there is none
    uint32_t residue;
};

#define PT_NATIVEBLOCKS_IDS (1u << 24)  // ids are lower

PT_INLINE struct pt_nativeblocks_place
pt_nativeblocks_at(pt_shadow_slot *slot, uintptr_t block, unsigned level)
{
    uint32_t below = (uint32_t)(block >> 4) & ((1u << 2 * level) - 1);

    return (struct pt_nativeblocks_place){slot, below << 24};
}

/* The place of a block, whether something is filed there or not. */
PT_INLINE struct pt_nativeblocks_place
pt_nativeblocks_find(const struct pt_nativeblocks *table, uintptr_t block)
{
    pt_shadow_slot *page = pt_nativeblocks_page(table, block);
    uint32_t level = page != NULL ? pt_shadow_get(page) : 0;

    if (pt_unlikely(level == 0 || (block & 15) != 0)) {
        return (struct pt_nativeblocks_place){NULL, 0};
    }
    level--;
    return pt_nativeblocks_at(
        pt_shadow_find(&table->level[level],
                       block >> 2 * level & ~(uintptr_t)15),
        block, level);
}

/* The place of a new block of a class; none: there is no memory for it. */
PT_INLINE struct pt_nativeblocks_place
pt_nativeblocks_make(struct pt_nativeblocks *table, uintptr_t block,
                     size_t class_bytes)
{
    unsigned level = pt_nativeblocks_level(class_bytes);
    pt_shadow_slot *page =
        pt_shadow_make(&table->page, block >> 8 & ~(uintptr_t)15);

    if (pt_unlikely(page == NULL || (block & 15) != 0)) {
        return (struct pt_nativeblocks_place){NULL, 0};
    }
    if (pt_unlikely(pt_shadow_get(page) != level + 1)) {
        pt_shadow_set(page, level + 1);
    }
    return pt_nativeblocks_at(
        pt_shadow_make(&table->level[level],
                       block >> 2 * level & ~(uintptr_t)15),
        block, level);
}

/* The id that is filed for the very block of the place, or 0. */
PT_INLINE uint32_t
pt_nativeblocks_get(const struct pt_nativeblocks_place *place)
{
    uint32_t value = place->slot != NULL ? pt_shadow_get(place->slot) : 0;

    return (value ^ place->residue) < PT_NATIVEBLOCKS_IDS
               ? value & (PT_NATIVEBLOCKS_IDS - 1)
               : 0;
}

/* File an id, or with 0 forget what was filed. */
PT_INLINE void
pt_nativeblocks_set(const struct pt_nativeblocks_place *place, uint32_t id)
{
    pt_shadow_set(place->slot, id != 0 ? place->residue | id : 0);
}

#endif
