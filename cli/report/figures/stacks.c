/* SPDX-License-Identifier: MIT */
/* stacks.c - entries of a ledger by traceback, then lines by hits. */
#include "cli/report/figures/stacks.h"

#include "core/base/rawmem.h"

/* Of pt_stacks_frame: behind the last frame. */
#define BEHIND UINT32_MAX

int
pt_stacks_init(struct pt_stacks *stacks, struct pt_dossier *dossier,
               const struct pt_filter *filter)
{
    return pt_stacks_init_native(stacks, dossier, filter, NULL);
}

/* Names of frames, and room for the longest path: an outer entry is older. */
static int
prepare(struct pt_stacks *stacks)
{
    const struct pt_ledger *ledger = &stacks->ledger;
    uint32_t *depth = pt_rawmem_array(ledger->entries, sizeof(*depth));
    uint32_t most = 1;

    stacks->function =
        pt_rawmem_array(ledger->entries, sizeof(*stacks->function));
    if (depth == NULL || stacks->function == NULL) {
        pt_rawmem_free(depth);
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 1; i < ledger->entries; i++) {
        const struct pt_entry *entry = &ledger->entry[i];

        depth[i] = depth[entry->next] + 1;
        most = depth[i] > most ? depth[i] : most;
        stacks->function[i] = pt_functions_find(&stacks->dossier->functions,
                                                entry->file, entry->line);
    }
    pt_rawmem_free(depth);
    stacks->path = pt_rawmem_array(most, sizeof(*stacks->path));
    return stacks->path != NULL ? PT_OK : PT_ERR_NOMEM;
}

int
pt_stacks_init_native(struct pt_stacks *stacks, struct pt_dossier *dossier,
                      const struct pt_filter *filter,
                      struct pt_nativesites *sites)
{
    struct pt_ledger_options options = {.group = PT_LEDGER_STACK,
                                        .native = sites};
    int code;

    *stacks = (struct pt_stacks){.dossier = dossier, .filter = filter};
    code = pt_ledger_init(&stacks->ledger, dossier->reader, &dossier->sum,
                          &options);
    if (code == PT_OK) {
        code = prepare(stacks);
        if (code != PT_OK) {
            pt_stacks_release(stacks);
        }
    }
    return code;
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

/* True if a stack is worth anything, and the file of its innermost frame is
 * one of those asked for. */
static int
is_worth(const struct pt_stacks *stacks, const struct pt_stack *stack)
{
    int i = 0;

    while (i < PT_VALUES && stack->value[i] == 0) {
        i++;
    }
    return i < PT_VALUES &&
           pt_dossier_takes(stacks->dossier, stacks->filter,
                            pt_stacks_innermost(stacks, stack).file);
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
            stack->entry = i;
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

struct pt_stack_frame
pt_stacks_innermost(const struct pt_stacks *stacks,
                    const struct pt_stack *stack)
{
    const struct pt_entry *entry = &stacks->ledger.entry[stack->entry];

    if (stack->entry != 0) {
        return (struct pt_stack_frame){entry->file, entry->line,
                                       stacks->function[stack->entry]};
    }
    return (struct pt_stack_frame){
        stack->place->file, stack->place->line,
        pt_functions_find(&stacks->dossier->functions, stack->place->file,
                          stack->place->line)};
}

int
pt_stacks_frame(const struct pt_stacks *stacks, const struct pt_stack *stack,
                uint32_t *at, struct pt_stack_frame *frame)
{
    const struct pt_entry *entry = stacks->ledger.entry;
    uint32_t left = 0;

    if (*at == BEHIND) {
        return 0;
    }
    // The path is the way outward; `at` is how much of it is left, and one.
    if (*at != 0) {
        left = *at - 1;
    }
    else {
        for (uint32_t i = stack->entry; i != 0; i = entry[i].next) {
            stacks->path[left++] = i;
        }
    }
    if (left <= 1) {
        *frame = pt_stacks_innermost(stacks, stack);
        *at = BEHIND;
        return 1;
    }
    entry += stacks->path[left - 1];
    *frame = (struct pt_stack_frame){entry->file, entry->line,
                                     stacks->function[stacks->path[left - 1]]};
    *at = left;
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
    pt_rawmem_free(stacks->function);
    pt_rawmem_free(stacks->path);
    *stacks = (struct pt_stacks){0};
}
