/* SPDX-License-Identifier: MIT */
/* out_csv.c - one line of the source a row (RFC 4180, with a header). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/report/export/export.h"

/* Always in quotes, as a path may hold anything. */
static void
add_text(struct pt_buf *out, const char *text, size_t bytes)
{
    pt_buf_add_char(out, '"');
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '"') {
            pt_buf_add_char(out, '"');
        }
        pt_buf_add_char(out, text[i]);
    }
    pt_buf_add_char(out, '"');
}

/* What all processes or one of them have of a place. */
static void
add_figures(struct pt_export *request, const struct pt_place *place)
{
    struct pt_buf *out = request->out;

    pt_buf_add_char(out, ',');
    // Empty where no hits were counted; 0 is a line that did not run.
    if (place->is_executable) {
        pt_buf_add_format(out, "%" PRIu64, place->hits);
    }
    pt_buf_add_format(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64,
                      place->memory.allocated.bytes,
                      place->memory.allocated.blocks, place->memory.live.bytes,
                      place->memory.live.blocks);
    if (request->dossier->header->wanted & PT_WANT_TIMES) {
        pt_buf_add_format(out, ",%" PRIu64, place->time_ns);
    }
}

static void
add_place(struct pt_export *request, const struct pt_place *place)
{
    struct pt_dossier *dossier = request->dossier;
    struct pt_buf *out = request->out;
    const char *path = pt_dossier_path(dossier, place->file);
    const struct pt_function *function =
        pt_functions_find(&dossier->functions, place->file, place->line);

    add_text(out, path, strlen(path));
    pt_buf_add_char(out, ',');
    add_text(out, function != NULL ? function->name : "",
             function != NULL ? function->name_bytes : 0);
    pt_buf_add_format(out, ",%u", place->line);
    add_figures(request, place);
    for (uint32_t i = 0; i < request->split.parts; i++) {
        add_figures(request, pt_split_find(&request->split, i, place));
    }
    pt_buf_add_char(out, '\n');
}

/* The names of what add_figures adds; those of a process end in "_NUMBER". */
static void
add_names(struct pt_export *request, const char *end)
{
    static const char *const names[] = {
        "hits",       "allocated_bytes", "allocated_blocks",
        "live_bytes", "live_blocks",     "time_ns"};
    size_t count = sizeof(names) / sizeof(names[0]);

    if ((request->dossier->header->wanted & PT_WANT_TIMES) == 0) {
        count--;
    }
    for (size_t i = 0; i < count; i++) {
        pt_buf_add_format(request->out, ",%s%s", names[i], end);
    }
}

static void
add_head(struct pt_export *request)
{
    const struct pt_split *split = &request->split;

    pt_buf_add_text(request->out, "path,function,line");
    add_names(request, "");
    for (uint32_t i = 0; i < split->parts; i++) {
        char end[16];

        snprintf(end, sizeof(end), "_%" PRIu32,
                 split->sum->share[i].record->number);
        add_names(request, end);
    }
    pt_buf_add_char(request->out, '\n');
}

int
pt_out_csv(struct pt_export *request)
{
    const struct pt_aggregate *sum = &request->dossier->sum;

    add_head(request);
    for (uint32_t i = 0; i < sum->places; i++) {
        const struct pt_place *place = &sum->place[i];

        if (pt_dossier_takes(request->dossier, &request->filter,
                             place->file) &&
            (place->file != 0 || place->memory.allocated.blocks != 0)) {
            add_place(request, place);
        }
    }
    return PT_OK;
}
