/* SPDX-License-Identifier: MIT */
/* nativeblocks.c - a shadow table for each level. */
#include "native/nativeblocks.h"

#include "core/base/error.h"

int
pt_nativeblocks_init(struct pt_nativeblocks *table)
{
    int code;

    *table = (struct pt_nativeblocks){0};
    code = pt_shadow_init(&table->page);
    for (unsigned i = 0; i < PT_NATIVEBLOCKS_LEVELS && code == PT_OK; i++) {
        code = pt_shadow_init(&table->level[i]);
    }
    if (code != PT_OK) {
        pt_nativeblocks_release(table);
    }
    return code;
}

void
pt_nativeblocks_release(struct pt_nativeblocks *table)
{
    for (unsigned i = 0; i < PT_NATIVEBLOCKS_LEVELS; i++) {
        pt_shadow_release(&table->level[i]);
    }
    pt_shadow_release(&table->page);
}

struct walk {
    pt_shadow_func func;
    void *context;
    unsigned level;
};

static void
visit(void *context, uintptr_t key, uint32_t value)
{
    struct walk *walk = context;

    walk->func(walk->context,
               (key << 2 * walk->level) | (uintptr_t)(value >> 24) << 4,
               value & (PT_NATIVEBLOCKS_IDS - 1));
}

void
pt_nativeblocks_walk(const struct pt_nativeblocks *table, pt_shadow_func func,
                     void *context)
{
    for (unsigned i = 0; i < PT_NATIVEBLOCKS_LEVELS; i++) {
        struct walk walk = {func, context, i};

        pt_shadow_walk(&table->level[i], visit, &walk);
    }
}
