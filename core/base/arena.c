/* SPDX-License-Identifier: MIT */
/* arena.c - the blocks behind arena.h. */
#include "core/base/arena.h"

#include <stdint.h>

#include "core/base/rawmem.h"

#define ALIGN_BYTES ((size_t)16)
#define BLOCK_BYTES PT_SIZE((size_t)64 * 1024, (size_t)16)

struct pt_arena_block {
    struct pt_arena_block *older;
    size_t size_bytes;
};

void
pt_arena_init(struct pt_arena *arena)
{
    *arena = (struct pt_arena){0};
}

static void
free_blocks(struct pt_arena_block *block)
{
    while (block != NULL) {
        struct pt_arena_block *older = block->older;

        pt_rawmem_free(block);
        block = older;
    }
}

void
pt_arena_release(struct pt_arena *arena)
{
    free_blocks(arena->block);
    *arena = (struct pt_arena){0};
}

static int
push_block(struct pt_arena *arena, size_t size_bytes)
{
    struct pt_arena_block *block;

    if (size_bytes > SIZE_MAX - ALIGN_BYTES) {
        return -1;
    }
    block = pt_rawmem_array(1, ALIGN_BYTES + size_bytes);
    if (block == NULL) {
        return -1;
    }
    block->older = arena->block;
    block->size_bytes = size_bytes;
    arena->block = block;
    arena->next = (char *)block + ALIGN_BYTES;
    arena->left_bytes = size_bytes;
    arena->total_bytes += size_bytes;
    return 0;
}

void
pt_arena_clear(struct pt_arena *arena)
{
    struct pt_arena_block *block = arena->block;
    size_t total_bytes = arena->total_bytes;

    if (block == NULL) {
        return;
    }
    if (block->older == NULL) {
        arena->next = (char *)block + ALIGN_BYTES;
        arena->left_bytes = block->size_bytes;
        return;
    }
    pt_arena_release(arena);
    // On failure the next pt_arena_array() tries again, with less.
    (void)push_block(arena, total_bytes);
}

void *
pt_arena_array(struct pt_arena *arena, size_t count, size_t size_bytes)
{
    size_t want;
    void *piece;

    if (size_bytes != 0 && count > (SIZE_MAX / 2) / size_bytes) {
        return NULL;
    }
    want = (count * size_bytes + ALIGN_BYTES - 1) & ~(ALIGN_BYTES - 1);
    if (pt_unlikely(want > arena->left_bytes)) {
        if (push_block(arena, want > BLOCK_BYTES ? want : BLOCK_BYTES) < 0) {
            return NULL;
        }
    }
    piece = arena->next;
    arena->next += want;
    arena->left_bytes -= want;
    return piece;
}
