/* SPDX-License-Identifier: MIT */
/* placecache.c - filling, growing and clearing the place cache. */
#include "memtrace/placecache.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/rawmem.h"

#define FIRST_SETS PT_SIZE(1024u, 1u)
#define SETS_MAX (1u << 18)
#define GENERATION_STEP (UINT64_C(1) << 48)

static size_t
slots_bytes(uint32_t sets)
{
    return (size_t)sets * PT_PLACECACHE_WAYS *
           sizeof(struct pt_placecache_slot);
}

int
pt_placecache_init(struct pt_placecache *cache)
{
    *cache = (struct pt_placecache){0};
    cache->slot = pt_rawmem_map(slots_bytes(FIRST_SETS));
    cache->sets = FIRST_SETS;
    cache->generation = GENERATION_STEP;
    return cache->slot != NULL ? PT_OK : PT_ERR_NOMEM;
}

void
pt_placecache_release(struct pt_placecache *cache)
{
    pt_rawmem_unmap(cache->slot, slots_bytes(cache->sets));
    *cache = (struct pt_placecache){0};
}

void
pt_placecache_clear(struct pt_placecache *cache)
{
    cache->generation += GENERATION_STEP;
    if (cache->generation == 0) {
        // Generations begin again: slots of the first round must go.
        memset(cache->slot, 0, slots_bytes(cache->sets));
        cache->generation = GENERATION_STEP;
    }
}

/* Twice the room, empty: the content comes back by itself. */
static void
grow(struct pt_placecache *cache)
{
    struct pt_placecache_slot *slot;

    cache->evictions = 0;
    if (cache->sets >= SETS_MAX) {
        return;
    }
    slot = pt_rawmem_map(slots_bytes(cache->sets * 2));
    if (slot != NULL) {
        pt_rawmem_unmap(cache->slot, slots_bytes(cache->sets));
        cache->slot = slot;
        cache->sets *= 2;
    }
}

void
pt_placecache_put(struct pt_placecache *cache, uint32_t parent,
                  uintptr_t place, uint32_t node)
{
    uint64_t key = cache->generation | place;
    struct pt_placecache_slot *set = pt_placecache_set(cache, parent, key);
    struct pt_placecache_slot *victim = NULL;

    for (int i = 0; i < PT_PLACECACHE_WAYS && victim == NULL; i++) {
        if (set[i].key >> 48 != cache->generation >> 48) {
            victim = &set[i];
        }
    }
    if (victim == NULL) {
        victim = &set[cache->evictions % PT_PLACECACHE_WAYS];
        cache->evictions++;
    }
    *victim = (struct pt_placecache_slot){key, parent, node};
    if (cache->evictions >= cache->sets) {
        grow(cache);
    }
}
