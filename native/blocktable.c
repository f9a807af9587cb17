/* SPDX-License-Identifier: MIT */
/* blocktable.c - a shadow table for each level. */
#include "native/blocktable.h"

#include "core/base/error.h"

int
pt_blocktable_init(struct pt_blocktable *table)
{
    int code;

    *table = (struct pt_blocktable){0};
    code = pt_shadow_init(&table->page);
    for (unsigned i = 0; i < PT_BLOCKTABLE_LEVELS && code == PT_OK; i++) {
        code = pt_shadow_init(&table->level[i]);
    }
    if (code != PT_OK) {
        pt_blocktable_release(table);
    }
    return code;
}

void
pt_blocktable_release(struct pt_blocktable *table)
{
    for (unsigned i = 0; i < PT_BLOCKTABLE_LEVELS; i++) {
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
               value & (PT_BLOCKTABLE_IDS - 1));
}

void
pt_blocktable_walk(const struct pt_blocktable *table, pt_shadow_func func,
                   void *context)
{
    for (unsigned i = 0; i < PT_BLOCKTABLE_LEVELS; i++) {
        struct walk walk = {func, context, i};

        pt_shadow_walk(&table->level[i], visit, &walk);
    }
}
