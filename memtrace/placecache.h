/* SPDX-License-Identifier: MIT */
/* placecache.h - (parent node, instruction address) to node, a mere cache.
 *
 * Sets of four slots, one cache line each. What is not found is interned by
 * content (node.h) and put here; what is in the way is overwritten. Clearing
 * is one addition: a slot holds the generation it was written in, in the high
 * bits of the address, and others do not match.
 * All functions hook-safe, with the GIL.
 */
#ifndef PT_MEMTRACE_PLACECACHE_H
#define PT_MEMTRACE_PLACECACHE_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/base/hash.h"

#define PT_PLACECACHE_WAYS 4

struct pt_placecache_slot {
    uint64_t key;  // generation << 48 | address
    uint32_t parent;
    uint32_t node;  // 0: empty
};

struct pt_placecache {
    struct pt_placecache_slot *slot;
    uint32_t sets;        // a power of two
    uint32_t evictions;   // since the last growth
    uint64_t generation;  // shifted left by 48
};

/* Make an empty cache. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_placecache_init(struct pt_placecache *cache);
void pt_placecache_release(struct pt_placecache *cache);

/* Forget everything. */
void pt_placecache_clear(struct pt_placecache *cache);

/* Remember `node`. */
void pt_placecache_put(struct pt_placecache *cache, uint32_t parent,
                       uintptr_t place, uint32_t node);

PT_INLINE struct pt_placecache_slot *
pt_placecache_set(const struct pt_placecache *cache, uint32_t parent,
                  uint64_t key)
{
    uint32_t hash = (uint32_t)(pt_hash_pair(key >> 1, parent) >> 32);

    return &cache->slot[(size_t)(hash & (cache->sets - 1)) *
                        PT_PLACECACHE_WAYS];
}

/* The node, or 0. Budget: 40 instructions. */
PT_INLINE uint32_t
pt_placecache_get(const struct pt_placecache *cache, uint32_t parent,
                  uintptr_t place)
{
    uint64_t key = cache->generation | place;
    const struct pt_placecache_slot *slot =
        pt_placecache_set(cache, parent, key);

    for (int i = 0; i < PT_PLACECACHE_WAYS; i++) {
        if (slot[i].key == key && slot[i].parent == parent) {
            return slot[i].node;
        }
    }
    return 0;
}

#endif
