/* SPDX-License-Identifier: MIT */
/* coverage.c - lines with code of every file, without those excused. */
#include "cli/report/figures/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "cli/report/figures/listing.h"
#include "core/base/rawmem.h"

/* `<string>` and the like: no file at all. */
static int
is_in_brackets(const char *path)
{
    size_t length = strlen(path);

    return length >= 2 && path[0] == '<' && path[length - 1] == '>';
}

static uint32_t
python_version(const struct pt_dossier *dossier)
{
    const struct pt_process *process = pt_reader_process(dossier->reader, 0);

    return process != NULL ? process->python_version : 0;
}

/* The next line, which an excuse leaves without ways. */
static void
add_line(struct pt_covered *covered, const struct pt_place *place,
         const struct pt_ways *ways)
{
    covered->line[covered->lines++] =
        (struct pt_covered_line){place->line, place->hits, *ways};
    covered->hit += place->hits != 0;
    covered->ways.all += ways->ways;
    covered->ways.hit += ways->taken;
}

static int
fill(struct pt_covered *covered, struct pt_dossier *dossier,
     const struct pt_arctable *arctable)
{
    const struct pt_file *file = &dossier->sum.file[covered->file];
    const struct pt_place *place = &dossier->sum.place[file->first];
    const struct pt_buf *text =
        pt_snippets_text(&dossier->snippets, covered->file);
    uint32_t excused = 0, arcs, at = 0;
    const struct pt_arc_sum *arc =
        pt_arctable_of_file(arctable, covered->file, &arcs);
    unsigned char *is_excused =
        pt_listing_excuse(text, python_version(dossier), &excused);

    covered->line =
        pt_rawmem_array((size_t)file->places + 1, sizeof(*covered->line));
    if (is_excused == NULL || covered->line == NULL) {
        pt_rawmem_free(is_excused);
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < file->places; i++) {
        int is_away =
            place[i].line <= excused && is_excused[place[i].line] != 0;
        struct pt_ways ways;

        pt_ways_collect(&ways, arc, arcs, &at, place[i].line);
        if (is_away) {
            ways = (struct pt_ways){0};
        }
        if (place[i].line == 0 || !place[i].is_executable ||
            (place[i].hits == 0 && is_away)) {
            continue;
        }
        add_line(covered, &place[i], &ways);
    }
    pt_rawmem_free(is_excused);
    pt_naming_locate(&dossier->naming, file->path, &covered->located);
    return pt_buf_check(&covered->located);
}

static int
compare_covered(const void *left, const void *right)
{
    const struct pt_covered *a = left, *b = right;

    return strcmp(a->shown, b->shown);
}

int
pt_coverage_init(struct pt_coverage *coverage, struct pt_dossier *dossier,
                 const struct pt_filter *filter)
{
    const struct pt_aggregate *sum = &dossier->sum;
    int code = PT_OK;

    *coverage = (struct pt_coverage){.dossier = dossier};
    coverage->covered = pt_rawmem_array(sum->files, sizeof(struct pt_covered));
    if (coverage->covered == NULL) {
        return PT_ERR_NOMEM;
    }
    code = pt_arctable_init(&coverage->arcs, sum, dossier->reader,
                            PT_OUTSIDE_IS_ONE);
    for (uint32_t i = 1; i < sum->files && code == PT_OK; i++) {
        const char *shown = pt_dossier_path(dossier, i);
        struct pt_covered *next = &coverage->covered[coverage->files];

        if (sum->file[i].hits == 0 || is_in_brackets(sum->file[i].path) ||
            !pt_dossier_takes(dossier, filter, i)) {
            continue;
        }
        coverage->files++;
        *next = (struct pt_covered){.file = i, .shown = shown};
        code = fill(next, dossier, &coverage->arcs);
        coverage->lines += next->lines;
        coverage->hit += next->hit;
        coverage->ways.all += next->ways.all;
        coverage->ways.hit += next->ways.hit;
    }
    if (code != PT_OK) {
        pt_coverage_release(coverage);
        return code;
    }
    qsort(coverage->covered, coverage->files, sizeof(struct pt_covered),
          compare_covered);
    return PT_OK;
}

/* The first line behind a number, of lines that stand in their order. */
static uint32_t
find_behind(const struct pt_covered *covered, uint32_t number)
{
    uint32_t low = 0, high = covered->lines;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (covered->line[middle].line > number) {
            high = middle;
        }
        else {
            low = middle + 1;
        }
    }
    return low;
}

/* All lines of a function may be excused; then so is the function. */
static int
has_lines(const struct pt_covered *covered, const struct pt_function *function)
{
    uint32_t first = find_behind(covered, function->defined_line);

    return (first < covered->lines &&
            covered->line[first].line <= function->last_line) ||
           function->calls != 0 ||
           function->last_line <= function->defined_line;
}

const struct pt_function *
pt_coverage_function(const struct pt_coverage *coverage,
                     const struct pt_covered *covered,
                     const struct pt_function *after)
{
    const struct pt_functions *functions = &coverage->dossier->functions;
    const struct pt_function *end = functions->function + functions->functions;
    const struct pt_function *at = after != NULL ? after + 1
                                                 : functions->function;

    for (; at < end && at->file <= covered->file; at++) {
        if (at->file == covered->file && at->is_counted && !at->is_part &&
            at->name_bytes != 0 && at->name[0] != '<' &&
            has_lines(covered, at)) {
            return at;
        }
    }
    return NULL;
}

void
pt_coverage_release(struct pt_coverage *coverage)
{
    for (uint32_t i = 0; i < coverage->files; i++) {
        pt_buf_release(&coverage->covered[i].located);
        pt_rawmem_free(coverage->covered[i].line);
    }
    pt_arctable_release(&coverage->arcs);
    pt_rawmem_free(coverage->covered);
    *coverage = (struct pt_coverage){0};
}
