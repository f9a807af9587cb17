/* SPDX-License-Identifier: MIT */
/* nativeblocks.c - from the table to its blocks, and with any address. */
#include "native/nativeblocks.h"

#include "core/base/error.h"

int
pt_nativeblocks_init(struct pt_nativeblocks *table)
{
    int code;

    *table = (struct pt_nativeblocks){0};
    code = pt_shadow_init(&table->small);
    if (code == PT_OK) {
        code = pt_shadow_init(&table->large);
    }
    if (code != PT_OK) {
        pt_nativeblocks_release(table);
    }
    return code;
}

void
pt_nativeblocks_release(struct pt_nativeblocks *table)
{
    pt_shadow_release(&table->small);
    pt_shadow_release(&table->large);
}

struct pt_nativeblocks_place
pt_nativeblocks_search(const struct pt_nativeblocks *table, uintptr_t address)
{
    if ((address & 15) != 0 || address >> 48 != 0) {
        return (struct pt_nativeblocks_place){NULL, 0};
    }
    // Upwards: no smaller block begins in a window of its own size that a
    // larger one begins in, too, or they would overlap.
    for (unsigned level = 0; level < PT_NATIVEBLOCKS_LEVELS; level++) {
        struct pt_nativeblocks_place place =
            pt_nativeblocks_find(table, address, (size_t)16 << 2 * level);
        uint32_t value = place.slot != NULL ? pt_shadow_get(place.slot) : 0;

        if (value != 0 &&
            (value & ~(PT_NATIVEBLOCKS_IDS - 1)) == place.where) {
            return place;
        }
    }
    return (struct pt_nativeblocks_place){NULL, 0};
}

struct walk {
    pt_shadow_func func;
    void *context;
};

static void
visit_small(void *context, uintptr_t key, uint32_t value)
{
    const struct walk *walk = context;

    walk->func(walk->context, key, value & (PT_NATIVEBLOCKS_IDS - 1));
}

static void
visit_large(void *context, uintptr_t key, uint32_t value)
{
    const struct walk *walk = context;
    unsigned level = 64 - (unsigned)pt_highest_bit(~((uint64_t)key << 16));
    unsigned step_bits = level <= 4 ? 4 : 2 * level - 4;
    uintptr_t window = (key - pt_nativeblocks_key(0, level)) << 2 * level;

    walk->func(walk->context, window | (uintptr_t)(value >> 24) << step_bits,
               value & (PT_NATIVEBLOCKS_IDS - 1));
}

void
pt_nativeblocks_walk(const struct pt_nativeblocks *table, pt_shadow_func func,
                     void *context)
{
    struct walk walk = {func, context};

    pt_shadow_walk(&table->small, visit_small, &walk);
    pt_shadow_walk(&table->large, visit_large, &walk);
}
