/* SPDX-License-Identifier: MIT */
/* sitecache.c - filling and clearing the site cache. */
#include "memtrace/sitecache.h"

#include <assert.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/rawmem.h"

#define CACHE_BYTES \
  ((size_t)PT_SITECACHE_SETS * PT_SITECACHE_WAYS * sizeof(struct pt_site))

#define GENERATION_STEP (UINT64_C(1) << 48)

static_assert(sizeof(struct pt_site) * PT_SITECACHE_WAYS == 64,
              "a set is a cache line");

int
pt_sitecache_init(struct pt_sitecache *cache)
{
    cache->site = pt_rawmem_map(CACHE_BYTES);
    cache->generation = GENERATION_STEP;
    return cache->site != NULL ? PT_OK : PT_ERR_NOMEM;
}

void
pt_sitecache_release(struct pt_sitecache *cache)
{
    pt_rawmem_unmap(cache->site, CACHE_BYTES);
    cache->site = NULL;
}

void
pt_sitecache_clear(struct pt_sitecache *cache)
{
    cache->generation += GENERATION_STEP;
    if (cache->generation == 0) {
        // Generations begin again: slots of the first round must go.
        memset(cache->site, 0, CACHE_BYTES);
        cache->generation = GENERATION_STEP;
    }
}

void
pt_sitecache_put(struct pt_sitecache *cache, const struct pt_site *site)
{
    struct pt_site *set =
        pt_sitecache_set(cache, site->key, site->parent, site->size_bytes);

    set[1] = set[0];
    set[0] = *site;
}
