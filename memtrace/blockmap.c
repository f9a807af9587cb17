/* SPDX-License-Identifier: MIT */
/* blockmap.c - open addressing with linear probing. */
#include "memtrace/blockmap.h"

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

#define FIRST_SLOTS PT_SIZE((size_t)256, (size_t)2)

void
pt_blockmap_init(struct pt_blockmap *map)
{
    *map = (struct pt_blockmap){0};
    pthread_mutex_init(&map->lock, NULL);
}

void
pt_blockmap_release(struct pt_blockmap *map)
{
    pt_rawmem_unmap(map->slot, map->slots * sizeof(*map->slot));
    map->slot = NULL;
    map->slots = map->used = 0;
}

static size_t
home(const struct pt_blockmap *map, uintptr_t block, uint32_t domain)
{
    return (size_t)(pt_hash_pair(block, domain) >> 32) & (map->slots - 1);
}

/* The slot of a block, or the empty one where it would stand. */
static struct pt_blockmap_slot *
probe(const struct pt_blockmap *map, uintptr_t block, uint32_t domain)
{
    size_t at = home(map, block, domain);

    while (map->slot[at].pair != 0 &&
           (map->slot[at].block != block || map->slot[at].domain != domain)) {
        at = (at + 1) & (map->slots - 1);
    }
    return &map->slot[at];
}

static int
grow(struct pt_blockmap *map)
{
    struct pt_blockmap larger = {
        .slots = map->slots != 0 ? map->slots * 2 : FIRST_SLOTS,
    };

    larger.slot = pt_rawmem_map(larger.slots * sizeof(*larger.slot));
    if (larger.slot == NULL) {
        return PT_ERR_NOMEM;
    }
    for (size_t i = 0; i < map->slots; i++) {
        const struct pt_blockmap_slot *slot = &map->slot[i];

        if (slot->pair != 0) {
            *probe(&larger, slot->block, slot->domain) = *slot;
        }
    }
    pt_rawmem_unmap(map->slot, map->slots * sizeof(*map->slot));
    map->slot = larger.slot;
    map->slots = larger.slots;
    return PT_OK;
}

static int
put_locked(struct pt_blockmap *map, struct pt_blockmap_slot wanted,
           uint32_t *old)
{
    struct pt_blockmap_slot *slot;

    // Half full at the most.
    if (map->used >= map->slots / 2 && grow(map) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    slot = probe(map, wanted.block, wanted.domain);
    *old = slot->pair;
    map->used += slot->pair == 0;
    *slot = wanted;
    return PT_OK;
}

int
pt_blockmap_put(struct pt_blockmap *map, uintptr_t block, uint32_t domain,
                uint32_t pair, uint32_t *old)
{
    int code;

    pthread_mutex_lock(&map->lock);
    code =
        put_locked(map, (struct pt_blockmap_slot){block, domain, pair}, old);
    pthread_mutex_unlock(&map->lock);
    return code;
}

/* Empty a slot and move those behind it that were only pushed there. */
static void
close_up(struct pt_blockmap *map, size_t hole)
{
    size_t mask = map->slots - 1, at = hole;

    for (;;) {
        const struct pt_blockmap_slot *slot;

        at = (at + 1) & mask;
        slot = &map->slot[at];
        if (slot->pair == 0) {
            break;
        }
        if (((at - home(map, slot->block, slot->domain)) & mask) >=
            ((at - hole) & mask)) {
            map->slot[hole] = *slot;
            hole = at;
        }
    }
    map->slot[hole] = (struct pt_blockmap_slot){0};
    map->used--;
}

uint32_t
pt_blockmap_take(struct pt_blockmap *map, uintptr_t block, uint32_t domain)
{
    uint32_t pair = 0;

    pthread_mutex_lock(&map->lock);
    if (map->used != 0) {
        struct pt_blockmap_slot *slot = probe(map, block, domain);

        pair = slot->pair;
        if (pair != 0) {
            close_up(map, (size_t)(slot - map->slot));
        }
    }
    pthread_mutex_unlock(&map->lock);
    return pair;
}

uint32_t
pt_blockmap_get(struct pt_blockmap *map, uintptr_t block, uint32_t domain)
{
    uint32_t pair = 0;

    pthread_mutex_lock(&map->lock);
    if (map->used != 0) {
        pair = probe(map, block, domain)->pair;
    }
    pthread_mutex_unlock(&map->lock);
    return pair;
}
