/* SPDX-License-Identifier: MIT */
/* arctable.c - see arctable.h. */
#include "cli/report/figures/arctable.h"

#include <stdlib.h>

#include "core/base/rawmem.h"

static int
is_outside(const struct pt_arc *arc)
{
    return arc->from == PT_ARC_OUTSIDE || arc->to == PT_ARC_OUTSIDE;
}

static void
add_process(struct pt_arctable *table, const struct pt_share *share,
            const struct pt_reader *reader, enum pt_arc_outside outside)
{
    uint32_t process = share->record->number;
    uint32_t arcs = pt_reader_items(reader, process, PT_SEGMENT_ARC);

    for (uint32_t i = 1; i < arcs; i++) {
        struct pt_arc arc;
        struct pt_code code;
        uint64_t counter = 0;

        if (!pt_reader_copy(reader, process, PT_SEGMENT_ARC, i, &arc,
                            sizeof(arc)) ||
            !pt_reader_copy(reader, process, PT_SEGMENT_CODE, arc.code, &code,
                            sizeof(code)) ||
            code.source >= share->sources ||
            share->file_of[code.source] == 0) {
            continue;
        }
        pt_reader_copy(reader, process, PT_SEGMENT_COUNTER, arc.counter,
                       &counter, sizeof(counter));
        table->arc[table->arcs++] = (struct pt_arc_sum){
            .file = share->file_of[code.source],
            .from = arc.from,
            .to = arc.to,
            .count =
                (uint64_t)(int64_t)arc.weight * (counter & PT_COUNTER_HITS),
            .is_branch = (arc.flags & PT_ARC_BRANCH) != 0,
            .code_line = outside == PT_OUTSIDE_OF_CODE && is_outside(&arc)
                             ? code.defined_line
                             : 0,
        };
    }
}

static int
compare_arcs(const void *left, const void *right)
{
    const struct pt_arc_sum *a = left, *b = right;

    if (a->file != b->file) {
        return a->file < b->file ? -1 : 1;
    }
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    if (a->to != b->to) {
        // The way out of the frame comes last.
        return a->to - 1 < b->to - 1 ? -1 : 1;
    }
    return a->code_line < b->code_line ? -1 : a->code_line > b->code_line;
}

static void
merge(struct pt_arctable *table)
{
    uint32_t kept = 0;

    if (table->arcs == 0) {
        return;
    }
    qsort(table->arc, table->arcs, sizeof(*table->arc), compare_arcs);
    for (uint32_t i = 1; i < table->arcs; i++) {
        struct pt_arc_sum *last = &table->arc[kept];

        if (compare_arcs(last, &table->arc[i]) == 0) {
            last->count += table->arc[i].count;
            last->is_branch |= table->arc[i].is_branch;
        }
        else {
            table->arc[++kept] = table->arc[i];
        }
    }
    table->arcs = kept + 1;
    for (uint32_t i = 0; i < table->arcs; i++) {
        // Below 0 a sum of weights of a running program may be for a moment.
        if (table->arc[i].count > INT64_MAX) {
            table->arc[i].count = 0;
        }
    }
}

int
pt_arctable_init(struct pt_arctable *table, const struct pt_aggregate *sum,
                 const struct pt_reader *reader, enum pt_arc_outside outside)
{
    size_t arcs = 1;

    *table = (struct pt_arctable){0};
    for (uint32_t i = 0; i < sum->shares; i++) {
        arcs += pt_reader_items(reader, sum->share[i].record->number,
                                PT_SEGMENT_ARC);
    }
    table->arc = pt_rawmem_array(arcs, sizeof(*table->arc));
    if (table->arc == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < sum->shares; i++) {
        add_process(table, &sum->share[i], reader, outside);
    }
    merge(table);
    return PT_OK;
}

const struct pt_arc_sum *
pt_arctable_of_file(const struct pt_arctable *table, uint32_t file,
                    uint32_t *arcs)
{
    uint32_t low = 0, high = table->arcs, end;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (table->arc[middle].file < file) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    for (end = low; end < table->arcs && table->arc[end].file == file;) {
        end++;
    }
    *arcs = end - low;
    return end != low ? table->arc + low : NULL;
}

void
pt_arctable_release(struct pt_arctable *table)
{
    pt_rawmem_free(table->arc);
    *table = (struct pt_arctable){0};
}
