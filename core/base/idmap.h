/* SPDX-License-Identifier: MIT */
/* idmap.h - from a hash to the ids of records kept elsewhere.
 *
 * A slot is (tag << 32 | id), one word; the record itself holds the key, so a
 * hit costs one slot and the record that the caller wants anyway. Ids are not
 * 0 and are never taken out.
 *
 * Looking up needs no lock and may run beside one inserting thread; inserting
 * needs the owner's lock. A table that was outgrown stays mapped, since
 * somebody may still look into it: together they are smaller than the newest.
 */
#ifndef PT_CORE_BASE_IDMAP_H
#define PT_CORE_BASE_IDMAP_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/base/compiler.h"

struct pt_idmap_table {
    uint32_t mask;
    struct pt_idmap_table *outgrown;
    _Atomic uint64_t slot[];
};

struct pt_idmap {
    struct pt_idmap_table *_Atomic table;
    uint32_t used;
};

/* A walk over the ids filed under one hash. */
struct pt_idmap_walk {
    const struct pt_idmap_table *table;
    uint32_t tag;
    uint32_t at;
};

/* Make an empty map. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_idmap_init(struct pt_idmap *map);

/* Unmap all tables. Harmless on a released map. */
void pt_idmap_release(struct pt_idmap *map);

/* File `id` under `hash`. PT_ERR_NOMEM: not filed. Hook-safe. Under the
 * owner's lock. */
PT_MUST_CHECK int pt_idmap_insert(struct pt_idmap *map, uint64_t hash,
                                  uint32_t id);

/* The next id that may be the one, or 0. Hook-safe. Any thread. */
PT_INLINE uint32_t
pt_idmap_next(struct pt_idmap_walk *walk)
{
    for (;;) {
        uint64_t slot = atomic_load_explicit(
            &walk->table->slot[walk->at & walk->table->mask],
            memory_order_acquire);

        walk->at++;
        if (slot == 0 || (uint32_t)(slot >> 32) == walk->tag) {
            return (uint32_t)slot;
        }
    }
}

/* The first id that may be the one, or 0. Hook-safe. Any thread. */
PT_INLINE uint32_t
pt_idmap_first(const struct pt_idmap *map, uint64_t hash,
               struct pt_idmap_walk *walk)
{
    walk->table = atomic_load_explicit(&map->table, memory_order_acquire);
    walk->tag = (uint32_t)(hash >> 32);
    walk->at = walk->tag;
    return pt_idmap_next(walk);
}

#endif
