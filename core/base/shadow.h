/* SPDX-License-Identifier: MIT */
/* shadow.h - the block table: one 4-byte slot for every 16 bytes of heap.
 *
 * Three loads from an address to its slot, no hash, no rehash, no lock: a slot
 * belongs to the block at its address, and the allocator orders what happens
 * at one address. Directories and leaves appear by compare-and-swap. Only
 * touched pages cost memory, and little address space is reserved, for a
 * program may run under RLIMIT_AS.
 *
 *     address  47..34  34..20   19..4   3..0
 *              root    middle   leaf    must be 0
 */
#ifndef PT_CORE_BASE_SHADOW_H
#define PT_CORE_BASE_SHADOW_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

#define PT_SHADOW_LEAF_SLOTS 65536u
#define PT_SHADOW_LEAF_SPAN ((uintptr_t)1 << 20)  // bytes of heap
#define PT_SHADOW_MIDDLE_LEAVES 16384u
#define PT_SHADOW_ROOT_MIDDLES 16384u

typedef _Atomic uint32_t pt_shadow_slot;  // a pair's id, or 0

struct pt_shadow_middle {
    pt_shadow_slot *_Atomic leaf[PT_SHADOW_MIDDLE_LEAVES];
};

struct pt_shadow {
    struct pt_shadow_middle *_Atomic *root;  // PT_SHADOW_ROOT_MIDDLES of them
};

/* Make an empty table. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_shadow_init(struct pt_shadow *shadow);

/* Unmap everything. Harmless on a released table. No hook may be inside. */
void pt_shadow_release(struct pt_shadow *shadow);

/* Make the leaf of `address`; its slot, or NULL when there is no memory or the
 * address cannot be filed (odd, or beyond 48 bits). Hook-safe. Any thread. */
pt_shadow_slot *pt_shadow_make_slow(struct pt_shadow *shadow,
                                    uintptr_t address);

/* Give the pages back that file blocks in this range and no others: none of
 * them is recorded any more. Hook-safe. The thread that owns the range. */
void pt_shadow_trim(struct pt_shadow *shadow, uintptr_t address, size_t bytes);

/* Call `func` for each slot in use. Blocks that others file meanwhile may be
 * met or not. Any thread. */
typedef void (*pt_shadow_func)(void *context, uintptr_t block, uint32_t id);
void pt_shadow_walk(const struct pt_shadow *shadow, pt_shadow_func func,
                    void *context);

/* Memory the table occupies, in bytes of touched pages. Any thread. */
uint64_t pt_shadow_resident_bytes(const struct pt_shadow *shadow);

/* Relaxed, for the allocator orders what happens to one block. Hook-safe. */
PT_INLINE uint32_t
pt_shadow_get(const pt_shadow_slot *slot)
{
    return atomic_load_explicit(slot, memory_order_relaxed);
}

PT_INLINE void
pt_shadow_set(pt_shadow_slot *slot, uint32_t id)
{
    atomic_store_explicit(slot, id, memory_order_relaxed);
}

/* Slot of `address`, or NULL when nothing near it was ever filed. Hook-safe.
 * Any thread that owns the block at `address`. */
PT_INLINE pt_shadow_slot *
pt_shadow_find(const struct pt_shadow *shadow, uintptr_t address)
{
    struct pt_shadow_middle *middle;
    pt_shadow_slot *leaf;

    if (pt_unlikely(address >> 48 != 0 || (address & 15) != 0)) {
        return NULL;
    }
    middle = atomic_load_explicit(&shadow->root[address >> 34],
                                  memory_order_acquire);
    if (pt_unlikely(middle == NULL)) {
        return NULL;
    }
    leaf = atomic_load_explicit(
        &middle->leaf[address >> 20 & (PT_SHADOW_MIDDLE_LEAVES - 1)],
        memory_order_acquire);
    if (pt_unlikely(leaf == NULL)) {
        return NULL;
    }
    return &leaf[address >> 4 & (PT_SHADOW_LEAF_SLOTS - 1)];
}

/* As above, but made when it is missing. */
PT_INLINE pt_shadow_slot *
pt_shadow_make(struct pt_shadow *shadow, uintptr_t address)
{
    pt_shadow_slot *slot = pt_shadow_find(shadow, address);

    return pt_likely(slot != NULL) ? slot
                                   : pt_shadow_make_slow(shadow, address);
}

#endif
