/* SPDX-License-Identifier: MIT */
/* arena.h - memory for one job, given back all at once and used again.
 *
 * Pieces never move. After pt_arena_clear() the arena holds one block big
 * enough for all of the last job, so a steady run allocates nothing.
 */
#ifndef PT_CORE_BASE_ARENA_H
#define PT_CORE_BASE_ARENA_H

#include <stddef.h>

#include "core/base/compiler.h"

struct pt_arena_block;

struct pt_arena {
    struct pt_arena_block *block;  // newest first, owned
    char *next;                    // first free byte of the newest block
    size_t left_bytes;
    size_t total_bytes;  // in all blocks
};

/* Make an arena that owns nothing yet. Any thread. */
void pt_arena_init(struct pt_arena *arena);

/* Free everything. Harmless on a released arena. */
void pt_arena_release(struct pt_arena *arena);

/* Forget all pieces, keep the memory. Owner thread only. */
void pt_arena_clear(struct pt_arena *arena);

/* `count` pieces of `size_bytes`, not zeroed, aligned for any scalar; NULL
 * when there is no memory or the product overflows. Owner thread only. */
PT_MUST_CHECK void *pt_arena_array(struct pt_arena *arena, size_t count,
                                   size_t size_bytes);

#endif
