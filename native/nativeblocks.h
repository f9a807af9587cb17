/* SPDX-License-Identifier: MIT */
/* nativeblocks.h - the pair of every native block, by its address.
 *
 * A shadow table has a slot for every 16 bytes of heap, which is much for
 * large blocks. So blocks are filed by level:
 *
 *     level n has blocks of 16 * 4^n bytes and more, but less than 4 times
 *     that, and a slot for every 16 * 4^n bytes of heap: its window
 *
 * No two blocks of a level begin in one window, and slots take 4 to 16 bytes a
 * block, whatever its size. The level follows from the size class of a block,
 * which the allocator knows: it is not kept here.
 *
 * Levels above 0 share a shadow table, each with a range of keys of its own.
 * A slot also says where in its window the block begins, in 256ths, for those
 * who come from the table or with an address that may be no block's: exact for
 * blocks of less than 16 KiB.
 *
 * No lock; hook-safe. The allocator orders what happens to one block.
 */
#ifndef PT_NATIVE_NATIVEBLOCKS_H
#define PT_NATIVE_NATIVEBLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/shadow.h"

#define PT_NATIVEBLOCKS_LEVELS 12u  // the last one is for what is larger, too
#define PT_NATIVEBLOCKS_IDS (1u << 24)  // ids are lower

struct pt_nativeblocks {
    struct pt_shadow small;  // level 0
    struct pt_shadow large;
};

/* Make an empty table. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_nativeblocks_init(struct pt_nativeblocks *table);

/* Unmap everything. Harmless on a released table. */
void pt_nativeblocks_release(struct pt_nativeblocks *table);

/* Call `func` for each block, with its address rounded down to a 256th of its
 * window. Those that others file meanwhile may be met or not. Any thread. */
void pt_nativeblocks_walk(const struct pt_nativeblocks *table,
                          pt_shadow_func func, void *context);

/* Where a block is filed. */
struct pt_nativeblocks_place {
    pt_shadow_slot *slot;  // NULL: there is none
    uint32_t where;        // in its window, in the bits above the id
};

/* The place of the block at an address of which it is not known whether it is
 * one; its slot is NULL if no such block is filed. Any thread. */
struct pt_nativeblocks_place
pt_nativeblocks_search(const struct pt_nativeblocks *table, uintptr_t address);

/* jemalloc's size class of so many bytes: four to each doubling. */
PT_INLINE size_t
pt_nativeblocks_class(size_t bytes)
{
    unsigned shift;

    if (bytes <= 64) {
        return (bytes + 15) & ~(size_t)15;
    }
    shift = (unsigned)pt_highest_bit(bytes - 1) - 2;
    return (bytes + ((size_t)1 << shift) - 1) & ~(((size_t)1 << shift) - 1);
}

/* The level of blocks of a class, which is 16 at least. */
PT_INLINE unsigned
pt_nativeblocks_level(size_t class_bytes)
{
    unsigned level = ((unsigned)pt_highest_bit(class_bytes) - 4) / 2;

    return level < PT_NATIVEBLOCKS_LEVELS ? level : PT_NATIVEBLOCKS_LEVELS - 1;
}

/* Addresses have 48 bits, those of level n, without the bits in its window,
 * 48 - 2n: the keys of level n, from 1, start with n - 1 ones and a zero. */
PT_INLINE uintptr_t
pt_nativeblocks_key(uintptr_t block, unsigned level)
{
    return (((uintptr_t)1 << 48) - ((uintptr_t)1 << (49 - level))) +
           (block >> 2 * level & ~(uintptr_t)15);
}

PT_INLINE uint32_t
pt_nativeblocks_where(uintptr_t block, unsigned level)
{
    unsigned window_bits = 4 + 2 * level;
    uint32_t within = level <= 4
                          ? (uint32_t)(block >> 4) & ((1u << 2 * level) - 1)
                          : (uint32_t)(block >> (window_bits - 8)) & 255;

    return within << 24;
}

/* The place of a block of a class, whether it is filed or not. The thread that
 * owns the block. */
PT_INLINE struct pt_nativeblocks_place
pt_nativeblocks_find(const struct pt_nativeblocks *table, uintptr_t block,
                     size_t class_bytes)
{
    unsigned level = pt_nativeblocks_level(class_bytes);

    if (level == 0) {
        return (struct pt_nativeblocks_place){
            pt_shadow_find(&table->small, block), 0};
    }
    return (struct pt_nativeblocks_place){
        pt_shadow_find(&table->large, pt_nativeblocks_key(block, level)),
        pt_nativeblocks_where(block, level)};
}

/* As above, but made when it is missing; none: there is no memory for it. */
PT_INLINE struct pt_nativeblocks_place
pt_nativeblocks_make(struct pt_nativeblocks *table, uintptr_t block,
                     size_t class_bytes)
{
    unsigned level = pt_nativeblocks_level(class_bytes);

    if (level == 0) {
        return (struct pt_nativeblocks_place){
            pt_shadow_make(&table->small, block), 0};
    }
    return (struct pt_nativeblocks_place){
        pt_shadow_make(&table->large, pt_nativeblocks_key(block, level)),
        pt_nativeblocks_where(block, level)};
}

/* The id that is filed at a place, or 0. */
PT_INLINE uint32_t
pt_nativeblocks_get(const struct pt_nativeblocks_place *place)
{
    return place->slot != NULL
               ? pt_shadow_get(place->slot) & (PT_NATIVEBLOCKS_IDS - 1)
               : 0;
}

/* File an id, or with 0 forget what was filed. */
PT_INLINE void
pt_nativeblocks_set(const struct pt_nativeblocks_place *place, uint32_t id)
{
    pt_shadow_set(place->slot, id != 0 ? place->where | id : 0);
}

#endif
