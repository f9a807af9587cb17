/* SPDX-License-Identifier: MIT */
/* stacks.c - entries of a ledger by traceback, then lines by hits. */
#include "cli/report/figures/stacks.h"

#include <string.h>

#define WHOLE UINT32_MAX

/* Of pt_stacks_frame: behind the last frame. */
#define BEHIND UINT32_MAX

int
pt_stacks_init(struct pt_stacks *stacks, struct pt_dossier *dossier,
               const struct pt_filter *filter)
{
    return pt_stacks_init_native(stacks, dossier, filter, NULL);
}

int
pt_stacks_init_native(struct pt_stacks *stacks, struct pt_dossier *dossier,
                      const struct pt_filter *filter,
                      struct pt_nativesites *sites)
{
    struct pt_ledger_options options = {
        .group = PT_LEDGER_TRACEBACK, .frames = WHOLE, .native = sites};

    *stacks = (struct pt_stacks){.dossier = dossier, .filter = filter};
    return pt_ledger_init(&stacks->ledger, dossier->reader, &dossier->sum,
                          &options);
}

static void
take_memory(const struct pt_entry *entry, struct pt_stack *stack)
{
    static const struct {
        enum pt_ledger_sum sum;
        enum pt_stack_value bytes;  // followed by its blocks
    } values[] = {
        {PT_LEDGER_KEPT, PT_VALUE_KEPT},
        {PT_LEDGER_PEAK, PT_VALUE_PEAK},
        {PT_LEDGER_ALLOCATED, PT_VALUE_ALLOCATED},
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        stack->value[values[i].bytes] = entry->sum[values[i].sum].bytes;
        stack->value[values[i].bytes + 1] = entry->sum[values[i].sum].blocks;
    }
}

/* True if the file of the innermost frame is one of those asked for, and the
 * stack is worth anything. */
static int
is_worth(const struct pt_stacks *stacks, const struct pt_stack *stack)
{
    uint32_t file = stack->place != NULL ? stack->place->file : 0;

    for (uint32_t at = stack->outermost; at != 0;
         at = stacks->ledger.entry[at].inner) {
        file = stacks->ledger.entry[at].file;
    }
    if (!pt_dossier_takes(stacks->dossier, stacks->filter, file)) {
        return 0;
    }
    for (int i = 0; i < PT_VALUES; i++) {
        if (stack->value[i] != 0) {
            return 1;
        }
    }
    return 0;
}

int
pt_stacks_next(const struct pt_stacks *stacks, uint32_t *at,
               struct pt_stack *stack)
{
    const struct pt_ledger *ledger = &stacks->ledger;
    const struct pt_aggregate *sum = &stacks->dossier->sum;

    while (*at < ledger->entries + sum->places) {
        uint32_t i = (*at)++;

        *stack = (struct pt_stack){0};
        if (i < ledger->entries) {
            stack->outermost = i;
            take_memory(&ledger->entry[i], stack);
        }
        else {
            stack->place = &sum->place[i - ledger->entries];
            stack->value[PT_VALUE_HITS] = stack->place->hits;
            stack->value[PT_VALUE_TIME] = stack->place->time_ns;
        }
        if (is_worth(stacks, stack)) {
            return 1;
        }
    }
    return 0;
}

int
pt_stacks_frame(const struct pt_stacks *stacks, const struct pt_stack *stack,
                uint32_t *at, struct pt_stack_frame *frame)
{
    const struct pt_entry *entry;
    uint32_t number = *at != 0 ? *at : stack->outermost;

    if (*at == BEHIND) {
        return 0;
    }
    if (stack->outermost == 0) {
        frame->file = stack->place->file;
        frame->line = stack->place->line;
        *at = BEHIND;
    }
    else {
        entry = &stacks->ledger.entry[number];
        frame->file = entry->file;
        frame->line = entry->line;
        *at = entry->inner != 0 ? entry->inner : BEHIND;
    }
    frame->function = pt_functions_find(&stacks->dossier->functions,
                                        frame->file, frame->line);
    return 1;
}

void
pt_stacks_add_name(const struct pt_stacks *stacks,
                   const struct pt_stack_frame *frame, struct pt_buf *out)
{
    if (frame->function != NULL) {
        pt_buf_add(out, frame->function->name, frame->function->name_bytes);
    }
    else {
        pt_buf_add_text(out, pt_dossier_path(stacks->dossier, frame->file));
    }
}

void
pt_stacks_release(struct pt_stacks *stacks)
{
    pt_ledger_release(&stacks->ledger);
}
