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
 *
 * In front of the directories stands a table of the leaves made first, one for
 * each 12 bits above a leaf: from an address to its slot in one load. What is
 * written there stays until the table is released.
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

#define PT_SHADOW_FRONTS PT_SIZE(4096u, 2u)
#define PT_SHADOW_NO_BASE ((uintptr_t)16)  // no address has it, nor twice it

/* Leaf of the addresses that are `base` but for their bits 19..4; `bias` is
 * what makes the slot's address of a quarter of the block's. */
struct pt_shadow_front {
    _Atomic uintptr_t base;
    uintptr_t bias;  // written before `base`
};

struct pt_shadow {
    struct pt_shadow_front *front;           // PT_SHADOW_FRONTS of them
    struct pt_shadow_middle *_Atomic *root;  // PT_SHADOW_ROOT_MIDDLES of them
};

/* Make an empty table. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_shadow_init(struct pt_shadow *shadow);

/* Unmap everything. Harmless on a released table. No hook may be inside. */
void pt_shadow_release(struct pt_shadow *shadow);

/* Is there no slot for this address, because it is odd or beyond 48 bits? */
PT_INLINE int
pt_shadow_refuses(uintptr_t address)
{
    return address >> 48 != 0 || (address & 15) != 0;
}

/* Make the leaf of `address`; its slot, or NULL when there is no memory or the
 * address is refused. Hook-safe. Any thread. */
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

/* Slot of `address` by the front table, or NULL, as always for address NULL.
 * Hook-safe. Any thread that owns the block at `address`. */
PT_INLINE pt_shadow_slot *
pt_shadow_front(const struct pt_shadow *shadow, uintptr_t address)
{
    const struct pt_shadow_front *front =
        &shadow->front[address / PT_SHADOW_LEAF_SPAN % PT_SHADOW_FRONTS];

    if (pt_likely((address & ~(PT_SHADOW_LEAF_SPAN - 16)) ==
                  atomic_load_explicit(&front->base, memory_order_acquire))) {
        pt_shadow_slot *slot = (pt_shadow_slot *)(front->bias + address / 4);

        pt_assume(slot != NULL);
        return slot;
    }
    return NULL;
}

/* Slot of `address`, or NULL when nothing near it was ever filed. Hook-safe.
 * Any thread that owns the block at `address`. */
pt_shadow_slot *pt_shadow_find_slow(const struct pt_shadow *shadow,
                                    uintptr_t address);

PT_INLINE pt_shadow_slot *
pt_shadow_find(const struct pt_shadow *shadow, uintptr_t address)
{
    pt_shadow_slot *slot = pt_shadow_front(shadow, address);

    return pt_likely(slot != NULL) ? slot
                                   : pt_shadow_find_slow(shadow, address);
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
