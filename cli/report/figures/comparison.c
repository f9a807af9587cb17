/* SPDX-License-Identifier: MIT */
/* comparison.c - rows of both sides, sorted, met, and told apart. */
#include "cli/report/figures/comparison.h"

#include <stdlib.h>
#include <string.h>

#include "cli/report/source/alignment.h"
#include "cli/report/text/room.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

/* A line of one side. */
struct row {
    const char *path;
    const struct pt_function *function;
    const struct pt_place *place;
    struct pt_align_line line;
};

struct rows {
    struct pt_dossier *dossier;
    struct row *row;
    uint32_t rows;
};

/* -- Rows -- */

static int
compare_functions(const struct pt_function *a, const struct pt_function *b)
{
    size_t least;
    int order;

    if (a == NULL || b == NULL) {
        return (a != NULL) - (b != NULL);
    }
    least = a->name_bytes < b->name_bytes ? a->name_bytes : b->name_bytes;
    order = memcmp(a->name, b->name, least);
    if (order == 0) {
        order =
            (a->name_bytes > b->name_bytes) - (a->name_bytes < b->name_bytes);
    }
    return order != 0 ? order : (a->nth > b->nth) - (a->nth < b->nth);
}

/* By what both sides know a function by, as far as the group wants it. */
static int
compare_keys(enum pt_comparison_group group, const struct row *a,
             const struct row *b)
{
    int order = strcmp(a->path, b->path);

    return order != 0 || group == PT_COMPARE_FILES
               ? order
               : compare_functions(a->function, b->function);
}

static int
compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    int order = compare_keys(PT_COMPARE_LINES, a, b);

    return order != 0 ? order
                      : (a->place->line > b->place->line) -
                            (a->place->line < b->place->line);
}

static int
make_rows(struct rows *rows, struct pt_dossier *dossier, int by_number,
          const struct pt_comparison_options *options, struct pt_side *total)
{
    const struct pt_aggregate *sum = &dossier->sum;

    *rows = (struct rows){.dossier = dossier};
    rows->row = pt_rawmem_array((size_t)sum->places + 1, sizeof(*rows->row));
    if (rows->row == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < sum->places; i++) {
        const struct pt_place *place = &sum->place[i];
        const char *path = by_number ? sum->file[place->file].path
                                     : pt_dossier_path(dossier, place->file);

        if (!pt_dossier_takes(dossier, &options->filter, place->file)) {
            continue;
        }
        rows->row[rows->rows++] = (struct row){
            .path = path,
            .function = by_number
                            ? NULL
                            : pt_functions_find(&dossier->functions,
                                                place->file, place->line),
            .place = place};
        total->hits += place->hits;
        total->time_ns += place->time_ns;
        pt_memory_add(&total->memory, &place->memory);
        pt_memory_add(&total->native, &place->native);
    }
    qsort(rows->row, rows->rows, sizeof(*rows->row), compare_rows);
    return PT_OK;
}

/* -- Changes -- */

static void
add_row(struct pt_side *side, const struct row *row,
        enum pt_comparison_group group)
{
    if (side->line == 0 && group == PT_COMPARE_LINES) {
        side->line = row->place->line;
    }
    else if (side->line == 0 && group == PT_COMPARE_FUNCTIONS) {
        side->line = row->function != NULL ? row->function->defined_line : 0;
    }
    side->file = row->place->file;
    side->hits += row->place->hits;
    side->time_ns += row->place->time_ns;
    pt_memory_add(&side->memory, &row->place->memory);
    pt_memory_add(&side->native, &row->place->native);
}

static int
differs(const struct pt_memory *before, const struct pt_memory *after)
{
    return before->live.bytes != after->live.bytes ||
           before->live.blocks != after->live.blocks;
}

static int
is_changed(const struct pt_comparison *comparison,
           const struct pt_change *change)
{
    const struct pt_side *before = &change->before, *after = &change->after;

    return (comparison->with_hits && before->hits != after->hits) ||
           (comparison->with_times && before->time_ns != after->time_ns) ||
           (comparison->with_memory &&
            differs(&before->memory, &after->memory)) ||
           (comparison->with_native &&
            differs(&before->native, &after->native));
}

static int
add_change(struct pt_comparison *comparison, const struct pt_change *change)
{
    void *array = comparison->change;
    int code;

    if (!is_changed(comparison, change)) {
        return PT_OK;
    }
    code = pt_room_reserve(&array, comparison->changes, &comparison->room,
                           sizeof(*change));
    comparison->change = array;
    if (code == PT_OK) {
        comparison->change[comparison->changes++] = *change;
    }
    return code;
}

/* A change of rows of one function; either may be missing. */
static int
meet(struct pt_comparison *comparison, const struct row *before,
     const struct row *after)
{
    const struct row *row = after != NULL ? after : before;
    struct pt_change change = {.path = row->path, .function = row->function};

    if (before != NULL) {
        add_row(&change.before, before, PT_COMPARE_LINES);
    }
    if (after != NULL) {
        add_row(&change.after, after, PT_COMPARE_LINES);
    }
    if (comparison->same_line != NULL && before != NULL && after != NULL) {
        const struct pt_place *first = comparison->before->sum.place;
        const struct pt_place *second = comparison->after->sum.place;

        comparison->same_line[before->place - first] =
            (uint32_t)(after->place - second) + 1;
    }
    return add_change(comparison, &change);
}

/* All of both ranges as one. */
static int
meet_sums(struct pt_comparison *comparison, enum pt_comparison_group group,
          const struct row *before, uint32_t befores, const struct row *after,
          uint32_t afters)
{
    const struct row *row = afters != 0 ? after : before;
    struct pt_change change = {
        .path = row->path,
        .function = group == PT_COMPARE_FILES ? NULL : row->function};

    for (uint32_t i = 0; i < befores; i++) {
        add_row(&change.before, &before[i], group);
    }
    for (uint32_t i = 0; i < afters; i++) {
        add_row(&change.after, &after[i], group);
    }
    return add_change(comparison, &change);
}

/* Tell the lines of one function apart from each other: their texts, their
 * order among those with code, their distance from the first line. */
static int
describe(struct rows *rows, uint32_t first, uint32_t count,
         const struct pt_comparison *comparison)
{
    // Times of lines come with counters of the lines that have code.
    int with_code = comparison->with_hits || comparison->with_times;
    struct pt_buf text = PT_BUF_INIT;
    uint32_t order = 0;

    for (uint32_t i = first; i < first + count; i++) {
        struct row *row = &rows->row[i];
        uint32_t start = row->function != NULL ? row->function->defined_line
                                               : 0;

        pt_buf_reset(&text);
        row->line.has_text = !comparison->by_number &&
                             pt_dossier_line(rows->dossier, row->place->file,
                                             row->place->line, &text);
        row->line.text_hash = pt_hash_bytes(pt_buf_text(&text), text.used);
        row->line.is_ordered = with_code && row->place->is_executable;
        row->line.position = row->line.is_ordered ? order++
                                                  : row->place->line - start;
        if (pt_buf_check(&text) != PT_OK) {
            return PT_ERR_NOMEM;
        }
    }
    pt_buf_release(&text);
    return PT_OK;
}

static int
meet_lines(struct pt_comparison *comparison, struct rows *before,
           uint32_t first_before, uint32_t befores, struct rows *after,
           uint32_t first_after, uint32_t afters)
{
    struct pt_alignment alignment;
    uint32_t b = 0, a = 0;
    int code = describe(before, first_before, befores, comparison);

    if (code == PT_OK) {
        code = describe(after, first_after, afters, comparison);
    }
    if (code == PT_OK) {
        code = pt_alignment_init(
            &alignment, befores != 0 ? &before->row[first_before].line : NULL,
            befores, afters != 0 ? &after->row[first_after].line : NULL,
            afters, sizeof(struct row));
    }
    if (code != PT_OK) {
        return code;
    }
    while (code == PT_OK && (b < befores || a < afters)) {
        struct row *left = &before->row[first_before + b];
        struct row *right = &after->row[first_after + a];

        if (b < befores && alignment.other[b] == PT_ALIGN_NONE) {
            code = meet(comparison, left, NULL);
            b++;
        }
        else if (b < befores && alignment.other[b] == a) {
            code = meet(comparison, left, right);
            b++;
            a++;
        }
        else {
            code = meet(comparison, NULL, right);
            a++;
        }
    }
    pt_alignment_release(&alignment);
    return code;
}

/* How many rows from `first` have its key. */
static uint32_t
run_length(const struct rows *rows, uint32_t first,
           enum pt_comparison_group group)
{
    uint32_t end = first;

    while (end < rows->rows &&
           compare_keys(group, &rows->row[first], &rows->row[end]) == 0) {
        end++;
    }
    return end - first;
}

static int
compare_all(struct pt_comparison *comparison, struct rows *before,
            struct rows *after, enum pt_comparison_group group)
{
    uint32_t b = 0, a = 0;
    int code = PT_OK;

    while (code == PT_OK && (b < before->rows || a < after->rows)) {
        int order = b == before->rows ? 1
                    : a == after->rows
                        ? -1
                        : compare_keys(group, &before->row[b], &after->row[a]);
        uint32_t befores = order <= 0 ? run_length(before, b, group) : 0;
        uint32_t afters = order >= 0 ? run_length(after, a, group) : 0;

        code =
            group == PT_COMPARE_LINES
                ? meet_lines(comparison, before, b, befores, after, a, afters)
                : meet_sums(comparison, group, &before->row[b], befores,
                            &after->row[a], afters);
        b += befores;
        a += afters;
    }
    return code;
}

int
pt_comparison_init(struct pt_comparison *comparison, struct pt_dossier *before,
                   struct pt_dossier *after,
                   const struct pt_comparison_options *options)
{
    uint32_t both = before->header->wanted & after->header->wanted;
    struct rows left = {0}, right = {0};
    int code;

    *comparison =
        (struct pt_comparison){.before = before,
                               .after = after,
                               .same_line = options->same_line,
                               .by_number = before->functions.functions == 0 ||
                                            after->functions.functions == 0,
                               .with_hits = (both & PT_WANT_COUNT) != 0,
                               .with_times = (both & PT_WANT_TIMES) != 0,
                               .with_memory = (both & PT_WANT_MEM) != 0,
                               .with_native = (both & PT_WANT_NATIVE) != 0};
    code = make_rows(&left, before, comparison->by_number, options,
                     &comparison->total_before);
    if (code == PT_OK) {
        code = make_rows(&right, after, comparison->by_number, options,
                         &comparison->total_after);
    }
    if (code == PT_OK) {
        code = compare_all(comparison, &left, &right, options->group);
    }
    pt_rawmem_free(left.row);
    pt_rawmem_free(right.row);
    if (code != PT_OK) {
        pt_comparison_release(comparison);
    }
    return code;
}

void
pt_comparison_release(struct pt_comparison *comparison)
{
    pt_rawmem_free(comparison->change);
    *comparison = (struct pt_comparison){0};
}
