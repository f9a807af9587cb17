/* SPDX-License-Identifier: MIT */
/* blockmap.h - (domain, address) to pair, for blocks outside the shadow table.
 *
 * Blocks that extensions report under domains of their own, and addresses that
 * are no multiple of 16. Few, so one lock and open addressing will do. Slots
 * of removed blocks are closed up again: there are no tombstones.
 */
#ifndef PT_MEMTRACE_BLOCKMAP_H
#define PT_MEMTRACE_BLOCKMAP_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

struct pt_blockmap_slot {
    uintptr_t block;
    uint32_t domain;
    uint32_t pair;  // 0: empty
};

struct pt_blockmap {
    pthread_mutex_t lock;  // guards all below
    struct pt_blockmap_slot *slot;
    size_t slots;  // 0, or a power of two
    size_t used;
};

/* Make an empty map; it holds no memory before the first block. */
void pt_blockmap_init(struct pt_blockmap *map);

/* Unmap it. Harmless on a released map. */
void pt_blockmap_release(struct pt_blockmap *map);

/* File a block; *old is the pair it was filed under, or 0. PT_ERR_NOMEM: not
 * filed. Hook-safe. Any thread. */
PT_MUST_CHECK int pt_blockmap_put(struct pt_blockmap *map, uintptr_t block,
                                  uint32_t domain, uint32_t pair,
                                  uint32_t *old);

/* The pair of a block, or 0; taken out of the map or not. Hook-safe. Any
 * thread. */
uint32_t pt_blockmap_take(struct pt_blockmap *map, uintptr_t block,
                          uint32_t domain);
uint32_t pt_blockmap_get(struct pt_blockmap *map, uintptr_t block,
                         uint32_t domain);

#endif
