/* SPDX-License-Identifier: MIT */
/* tracediff.c - the stacks of two recordings put into one tree. */
#include "cli/report/figures/tracediff.h"

#include <stdlib.h>
#include <string.h>

#include "cli/report/text/room.h"
#include "core/base/hash.h"
#include "core/base/idmap.h"
#include "core/base/rawmem.h"

/* A frame below another. Its line is numbered as in the later recording, if it
 * has it, else as in the earlier one. */
struct node {
    uint32_t parent;
    uint32_t line;
    int is_gone;  // the line is not in the later one
    const char *path;
    struct pt_trace_change change;
};

struct tree {
    struct node *node;  // 0 is the root
    uint32_t nodes;
    uint32_t room;
    struct pt_idmap map;
    const uint32_t *same_line;  // see comparison.h
    int by_number;
    struct pt_dossier *before;
    struct pt_dossier *after;
};

static int
is_node(const struct node *a, const struct node *b)
{
    return a->parent == b->parent && a->line == b->line &&
           a->is_gone == b->is_gone && strcmp(a->path, b->path) == 0;
}

/* The node of a frame below another, made when it is first met. */
static int
descend(struct tree *tree, const struct node *wanted, uint32_t *id)
{
    uint64_t hash =
        pt_hash_pair(pt_hash_pair(wanted->parent, wanted->line),
                     pt_hash_bytes(wanted->path, strlen(wanted->path)));
    struct pt_idmap_walk walk;
    void *array = tree->node;
    int code;

    *id = pt_idmap_first(&tree->map, hash, &walk);
    while (*id != 0 && !is_node(&tree->node[*id], wanted)) {
        *id = pt_idmap_next(&walk);
    }
    if (*id != 0) {
        return PT_OK;
    }
    code =
        pt_room_reserve(&array, tree->nodes, &tree->room, sizeof(*tree->node));
    tree->node = array;
    if (code != PT_OK) {
        return code;
    }
    *id = tree->nodes++;
    tree->node[*id] = *wanted;
    return pt_idmap_insert(&tree->map, hash, *id);
}

static const struct pt_function *
find_same(const struct tree *tree, const char *path,
          const struct pt_function *function)
{
    const struct pt_functions *list = &tree->after->functions;

    for (uint32_t i = 0; function != NULL && i < list->functions; i++) {
        const struct pt_function *other = &list->function[i];

        if (other->nth == function->nth &&
            other->name_bytes == function->name_bytes &&
            memcmp(other->name, function->name, other->name_bytes) == 0 &&
            strcmp(pt_dossier_path(tree->after, other->file), path) == 0) {
            return other;
        }
    }
    return NULL;
}

/* Give a frame of the earlier recording the number that its line has in the
 * later one. */
static void
renumber(const struct tree *tree, const struct pt_stack_frame *frame,
         struct node *wanted)
{
    const struct pt_aggregate *sum = &tree->before->sum;
    const struct pt_place *place =
        pt_aggregate_find(sum, frame->file, frame->line);
    const struct pt_function *same;

    if (frame->line == 0) {
        return;
    }
    if (place->line == frame->line) {
        uint32_t other = tree->same_line[place - sum->place];

        wanted->is_gone = other == 0;
        wanted->line = other != 0 ? tree->after->sum.place[other - 1].line
                                  : frame->line;
        return;
    }
    same = find_same(tree, wanted->path, frame->function);
    wanted->is_gone = same == NULL;
    if (same != NULL) {
        wanted->line =
            same->defined_line + (frame->line - frame->function->defined_line);
    }
}

static int
add_stack(struct tree *tree, const struct pt_stacks *stacks,
          const struct pt_stack *stack)
{
    struct pt_dossier *dossier = stacks->dossier;
    int is_before = dossier == tree->before;
    struct pt_stack_frame frame;
    struct pt_trace_side *side;
    uint32_t at = 0, id = 0;
    int code = PT_OK;

    while (code == PT_OK && pt_stacks_frame(stacks, stack, &at, &frame)) {
        struct node wanted = {
            .parent = id,
            .line = frame.line,
            .path = tree->by_number ? dossier->sum.file[frame.file].path
                                    : pt_dossier_path(dossier, frame.file)};

        if (is_before && !tree->by_number) {
            renumber(tree, &frame, &wanted);
        }
        code = descend(tree, &wanted, &id);
    }
    side = is_before ? &tree->node[id].change.before
                     : &tree->node[id].change.after;
    side->bytes += stack->value[PT_VALUE_KEPT];
    side->blocks += stack->value[PT_VALUE_KEPT_BLOCKS];
    side->entry = stack->entry;
    return code;
}

static int
add_stacks(struct tree *tree, const struct pt_stacks *stacks)
{
    struct pt_stack stack;
    uint32_t at = 0;
    int code = PT_OK;

    while (code == PT_OK && pt_stacks_next(stacks, &at, &stack)) {
        if (stack.value[PT_VALUE_KEPT_BLOCKS] != 0) {
            code = add_stack(tree, stacks, &stack);
        }
    }
    return code;
}

static uint64_t
difference(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static int
compare_changes(const void *left, const void *right)
{
    const struct pt_trace_change *a = left, *b = right;
    uint64_t bytes_a = difference(a->after.bytes, a->before.bytes);
    uint64_t bytes_b = difference(b->after.bytes, b->before.bytes);
    uint64_t blocks_a = difference(a->after.blocks, a->before.blocks);
    uint64_t blocks_b = difference(b->after.blocks, b->before.blocks);

    return bytes_a != bytes_b     ? (bytes_a > bytes_b ? -1 : 1)
           : blocks_a != blocks_b ? (blocks_a > blocks_b ? -1 : 1)
           : a->after.entry != b->after.entry
               ? (a->after.entry < b->after.entry ? -1 : 1)
               : (a->before.entry > b->before.entry) -
                     (a->before.entry < b->before.entry);
}

static int
take_changes(struct pt_tracediff *diff, const struct tree *tree)
{
    diff->change = pt_rawmem_array(tree->nodes, sizeof(*diff->change));
    if (diff->change == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < tree->nodes; i++) {
        const struct pt_trace_change *change = &tree->node[i].change;

        if (change->before.bytes != change->after.bytes ||
            change->before.blocks != change->after.blocks) {
            diff->change[diff->changes++] = *change;
        }
    }
    qsort(diff->change, diff->changes, sizeof(*diff->change), compare_changes);
    return PT_OK;
}

static int
compare_stacks(struct pt_tracediff *diff, struct tree *tree)
{
    static const struct node root;
    void *array = NULL;
    int code = pt_room_reserve(&array, 0, &tree->room, sizeof(*tree->node));

    tree->node = array;
    if (code == PT_OK) {
        tree->node[tree->nodes++] = root;
        code = pt_idmap_init(&tree->map);
    }
    if (code == PT_OK) {
        code = add_stacks(tree, &diff->before);
    }
    if (code == PT_OK) {
        code = add_stacks(tree, &diff->after);
    }
    if (code == PT_OK) {
        code = take_changes(diff, tree);
    }
    pt_idmap_release(&tree->map);
    pt_rawmem_free(tree->node);
    return code;
}

/* Which lines are the same, over all files: stacks go through all of them. */
static int
match_lines(struct tree *tree, uint32_t **same_line)
{
    struct pt_comparison_options options = {.group = PT_COMPARE_LINES};
    struct pt_comparison comparison;
    int code;

    *same_line = pt_rawmem_array((size_t)tree->before->sum.places + 1,
                                 sizeof(**same_line));
    options.same_line = *same_line;
    code = *same_line != NULL ? pt_comparison_init(&comparison, tree->before,
                                                   tree->after, &options)
                              : PT_ERR_NOMEM;
    if (code == PT_OK) {
        tree->by_number = comparison.by_number;
        tree->same_line = *same_line;
        pt_comparison_release(&comparison);
    }
    return code;
}

int
pt_tracediff_init(struct pt_tracediff *diff, struct pt_dossier *before,
                  struct pt_dossier *after, const struct pt_filter *filter)
{
    struct tree tree = {.before = before, .after = after};
    uint32_t *same_line;
    int code = match_lines(&tree, &same_line);

    *diff = (struct pt_tracediff){.changes = 0};
    if (code == PT_OK) {
        code = pt_stacks_init(&diff->before, before, filter);
    }
    if (code == PT_OK) {
        code = pt_stacks_init(&diff->after, after, filter);
    }
    if (code == PT_OK) {
        code = compare_stacks(diff, &tree);
    }
    pt_rawmem_free(same_line);
    if (code != PT_OK) {
        pt_tracediff_release(diff);
    }
    return code;
}

void
pt_tracediff_release(struct pt_tracediff *diff)
{
    pt_stacks_release(&diff->before);
    pt_stacks_release(&diff->after);
    pt_rawmem_free(diff->change);
    *diff = (struct pt_tracediff){.changes = 0};
}
