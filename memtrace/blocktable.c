/* SPDX-License-Identifier: MIT */
/* blocktable.c - the three tables put together. */
#include "memtrace/blocktable.h"

#include <assert.h>

#include "core/base/error.h"
#include "core/timeline/timeline.h"

#define ID_BITS 23
#define ID_MASK ((UINT32_C(1) << ID_BITS) - 1)

static const unsigned window_shift[PT_BLOCKTABLE_COARSE] = {9, 13};

static_assert(PT_CHUNKS_MAX <= 1u << (ID_BITS - PT_PAIR_SHIFT),
              "every pair has a number of so many bits");

int
pt_blocktable_init(struct pt_blocktable *table)
{
    *table = (struct pt_blocktable){0};
    if (pt_shadow_init(&table->fine) == PT_OK &&
        pt_shadow_init(&table->coarse[0]) == PT_OK &&
        pt_shadow_init(&table->coarse[1]) == PT_OK) {
        return PT_OK;
    }
    pt_blocktable_release(table);
    return PT_ERR_NOMEM;
}

void
pt_blocktable_release(struct pt_blocktable *table)
{
    pt_shadow_release(&table->fine);
    for (int i = 0; i < PT_BLOCKTABLE_COARSE; i++) {
        pt_shadow_release(&table->coarse[i]);
    }
}

/* What stands for a block's window in a table that has a slot for 16. */
static uintptr_t
window_of(uintptr_t block, int level)
{
    return block >> window_shift[level] << 4;
}

/* The high bits of the slot of a block. */
static uint32_t
place_of(uintptr_t block, int level)
{
    uintptr_t in_window = block & (((uintptr_t)1 << window_shift[level]) - 1);

    return (uint32_t)(in_window >> 4) << ID_BITS;
}

struct found {
    pt_shadow_slot *slot;
    uint32_t id;  // 0: not found
};

static struct found
find(const struct pt_blocktable *table, uintptr_t block)
{
    pt_shadow_slot *slot = pt_shadow_find(&table->fine, block);

    if (slot != NULL && pt_shadow_get(slot) != 0) {
        return (struct found){slot, pt_shadow_get(slot)};
    }
    for (int i = 0; i < PT_BLOCKTABLE_COARSE && !pt_shadow_refuses(block);
         i++) {
        uint32_t content;

        slot = pt_shadow_find(&table->coarse[i], window_of(block, i));
        content = slot != NULL ? pt_shadow_get(slot) : 0;
        if (content != 0 && (content & ~ID_MASK) == place_of(block, i)) {
            return (struct found){slot, content & ID_MASK};
        }
    }
    return (struct found){NULL, 0};
}

/* True if another block of this window is not in the way, as it is not unless
 * somebody reports what is no block. */
static int
put_coarse(struct pt_blocktable *table, uintptr_t block, int level,
           uint32_t id)
{
    pt_shadow_slot *slot =
        pt_shadow_make(&table->coarse[level], window_of(block, level));

    if (slot == NULL || pt_shadow_get(slot) != 0) {
        return 0;
    }
    pt_shadow_set(slot, place_of(block, level) | id);
    return 1;
}

int
pt_blocktable_put(struct pt_blocktable *table, uintptr_t block, size_t bytes,
                  uint32_t id, uint32_t *old)
{
    int level = bytes > (size_t)1 << window_shift[1];
    pt_shadow_slot *slot;

    *old = 0;
    if (bytes > PT_BLOCKTABLE_FINE_BYTES) {
        *old = pt_blocktable_take(table, block);
        if (put_coarse(table, block, level, id)) {
            return PT_OK;
        }
    }
    slot = pt_shadow_make(&table->fine, block);
    if (slot == NULL) {
        return PT_ERR_NOMEM;
    }
    if (pt_shadow_get(slot) != 0) {
        *old = pt_shadow_get(slot);
    }
    pt_shadow_set(slot, id);
    return PT_OK;
}

uint32_t
pt_blocktable_take(struct pt_blocktable *table, uintptr_t block)
{
    struct found found = find(table, block);

    if (found.id != 0) {
        pt_shadow_set(found.slot, 0);
    }
    return found.id;
}

uint32_t
pt_blocktable_get(const struct pt_blocktable *table, uintptr_t block)
{
    return find(table, block).id;
}

uint64_t
pt_blocktable_resident_bytes(const struct pt_blocktable *table)
{
    uint64_t bytes = pt_shadow_resident_bytes(&table->fine);

    for (int i = 0; i < PT_BLOCKTABLE_COARSE; i++) {
        bytes += pt_shadow_resident_bytes(&table->coarse[i]);
    }
    return bytes;
}
