/* SPDX-License-Identifier: MIT */
/* sitecache.h - (caller's node, instruction address, size) to pair: a cache.
 *
 * One look-up in place of two, of the node and of the pair. Sets of two slots,
 * one cache line each, the one used last in front; what is in the way is
 * overwritten. As in the place cache, a slot holds the generation it was
 * written in, in the high bits of the address.
 * All functions hook-safe, with the GIL.
 */
#ifndef PT_MEMTRACE_SITECACHE_H
#define PT_MEMTRACE_SITECACHE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/timeline.h"

#define PT_SITECACHE_WAYS 2
#define PT_SITECACHE_SET_BITS PT_SIZE(12, 1)
#define PT_SITECACHE_SETS (1u << PT_SITECACHE_SET_BITS)

struct pt_site {
    uint64_t key;  // generation << 48 | address
    uint32_t parent;
    uint32_t size_bytes;   // larger blocks are not cached
    uint32_t id;           // of the pair; 0: empty
    uint8_t shift;         // of the block table, if the size is small
    struct pt_pair *pair;  // which never moves
};

struct pt_sitecache {
    struct pt_site *site;
    uint64_t generation;  // shifted left by 48
};

/* Make an empty cache. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_sitecache_init(struct pt_sitecache *cache);
void pt_sitecache_release(struct pt_sitecache *cache);

/* Forget everything. */
void pt_sitecache_clear(struct pt_sitecache *cache);

/* Remember a site, whose key is made by pt_sitecache_key(). */
void pt_sitecache_put(struct pt_sitecache *cache, const struct pt_site *site);

PT_INLINE uint64_t
pt_sitecache_key(const struct pt_sitecache *cache, uintptr_t place)
{
    return cache->generation | place;
}

PT_INLINE struct pt_site *
pt_sitecache_set(const struct pt_sitecache *cache, uint64_t key,
                 uint32_t parent, uint64_t size_bytes)
{
    // Instructions are 2 bytes apart: those of a function do not meet.
    const uint32_t set_bytes = PT_SITECACHE_WAYS * sizeof(struct pt_site);
    uint32_t hash = (uint32_t)(key + size_bytes * 8) + parent * 0x9E3779B1u;
    uint32_t offset =
        hash * (set_bytes / 2) & (PT_SITECACHE_SETS - 1) * set_bytes;

    return (struct pt_site *)((char *)cache->site + offset);
}

PT_INLINE int
pt_site_is(const struct pt_site *site, uint64_t key, uint32_t parent,
           uint64_t size_bytes)
{
    return pt_likely(site->key == key) && pt_likely(site->parent == parent) &&
           pt_likely(site->size_bytes == size_bytes);
}

/* The site, or NULL. Budget: 20 instructions. */
PT_INLINE const struct pt_site *
pt_sitecache_get(const struct pt_sitecache *cache, uintptr_t place,
                 uint32_t parent, uint64_t size_bytes)
{
    uint64_t key = pt_sitecache_key(cache, place);
    const struct pt_site *site =
        pt_sitecache_set(cache, key, parent, size_bytes);

    if (pt_unlikely(!pt_site_is(site, key, parent, size_bytes))) {
        site++;
        if (!pt_site_is(site, key, parent, size_bytes)) {
            return NULL;
        }
    }
    return site;
}

#endif
