/* SPDX-License-Identifier: MIT */
/* out_json.c - all figures by file and line: docs/schema/export.json. */
#include <inttypes.h>

#include "cli/report/export/export.h"
#include "cli/report/figures/ways.h"
#include "cli/report/text/json.h"

static void
add_memory(struct pt_buf *out, const struct pt_memory *memory)
{
    pt_buf_add_format(
        out,
        ", \"allocated_bytes\": %" PRIu64 ", \"allocated_blocks\": %" PRIu64
        ", \"live_bytes\": %" PRIu64 ", \"live_blocks\": %" PRIu64,
        memory->allocated.bytes, memory->allocated.blocks, memory->live.bytes,
        memory->live.blocks);
}

/* What all processes or one of them have of a place. */
static void
add_figures(struct pt_export *request, const struct pt_place *place)
{
    uint32_t wanted = request->dossier->header->wanted;

    if (place->is_executable) {
        pt_buf_add_format(request->out, ", \"hits\": %" PRIu64, place->hits);
        if (wanted & PT_WANT_TIMES) {
            pt_buf_add_format(request->out, ", \"time_ns\": %" PRIu64,
                              place->time_ns);
        }
    }
    if (wanted & PT_WANT_MEM) {
        add_memory(request->out, &place->memory);
    }
}

/* Where a line that decides went on to. */
static void
add_ways(struct pt_buf *out, const struct pt_ways *ways)
{
    const struct pt_arc_sum *way = NULL;
    const char *separator = "";

    if (ways->ways == 0) {
        return;
    }
    pt_buf_add_text(out, ", \"ways\": [");
    while ((way = pt_ways_next(ways, way)) != NULL) {
        pt_buf_add_format(out, "%s{\"to\": ", separator);
        if (way->to != PT_ARC_OUTSIDE) {
            pt_buf_add_format(out, "%u", way->to);
        }
        else {
            pt_buf_add_text(out, "null");
        }
        pt_buf_add_format(out, ", \"count\": %" PRIu64 "}", way->count);
        separator = ", ";
    }
    pt_buf_add_char(out, ']');
}

/* The processes that have something of a place. */
static void
add_parts(struct pt_export *request, const struct pt_place *place)
{
    const struct pt_split *split = &request->split;
    const char *separator = "";

    if (split->parts == 0) {
        return;
    }
    pt_buf_add_text(request->out, ", \"by_process\": [");
    for (uint32_t i = 0; i < split->parts; i++) {
        const struct pt_place *part = pt_split_find(split, i, place);

        if (part->is_executable || part->memory.allocated.blocks != 0) {
            pt_buf_add_format(request->out, "%s\n      {\"process\": %" PRIu32,
                              separator, split->sum->share[i].record->number);
            add_figures(request, part);
            pt_buf_add_char(request->out, '}');
            separator = ",";
        }
    }
    pt_buf_add_char(request->out, ']');
}

static void
add_lines(struct pt_export *request, const struct pt_arctable *table,
          uint32_t number)
{
    const struct pt_file *file = &request->dossier->sum.file[number];
    uint32_t arcs, at = 0;
    const struct pt_arc_sum *arc = pt_arctable_of_file(table, number, &arcs);

    pt_buf_add_text(request->out, "\"lines\": [");
    for (uint32_t i = 0; i < file->places; i++) {
        const struct pt_place *place =
            &request->dossier->sum.place[file->first + i];
        struct pt_ways ways;

        pt_buf_add_format(request->out, "%s\n    {\"line\": %u",
                          i != 0 ? "," : "", place->line);
        add_figures(request, place);
        pt_ways_collect(&ways, arc, arcs, &at, place->line);
        add_ways(request->out, &ways);
        add_parts(request, place);
        pt_buf_add_char(request->out, '}');
    }
    pt_buf_add_char(request->out, ']');
}

static void
add_functions(struct pt_export *request, uint32_t file)
{
    const struct pt_functions *functions = &request->dossier->functions;
    const char *separator = "";

    pt_buf_add_text(request->out, "\"functions\": [");
    for (uint32_t i = 0; i < functions->functions; i++) {
        const struct pt_function *function = &functions->function[i];

        if (function->file != file) {
            continue;
        }
        pt_buf_add_format(request->out, "%s\n    {\"name\": ", separator);
        pt_json_add_bytes(request->out, function->name, function->name_bytes);
        pt_buf_add_format(request->out, ", \"line\": %u, \"last_line\": %u",
                          function->defined_line, function->last_line);
        if (function->is_counted) {
            pt_buf_add_format(request->out, ", \"calls\": %" PRIu64,
                              function->calls);
        }
        pt_buf_add_char(request->out, '}');
        separator = ",";
    }
    pt_buf_add_text(request->out, "],\n   ");
}

/* The recording that a process of a combined one was in. */
static void
add_run_name(struct pt_export *request, uint32_t process)
{
    const struct pt_reader *reader = request->dossier->reader;
    const struct pt_run *run = pt_reader_run(reader, process);
    const char *name;
    size_t bytes;

    if (run != NULL) {
        name = pt_reader_text(reader, process, run->name, &bytes);
        pt_buf_add_text(request->out, ", \"recording\": ");
        pt_json_add_bytes(request->out, name, bytes);
    }
}

/* Who the processes are that are told apart. */
static void
add_processes(struct pt_export *request)
{
    const struct pt_split *split = &request->split;

    if (split->parts == 0) {
        return;
    }
    pt_buf_add_text(request->out, "\"by_process\": [");
    for (uint32_t i = 0; i < split->parts; i++) {
        const struct pt_share *share = &split->sum->share[i];

        pt_buf_add_format(
            request->out, "%s\n  {\"process\": %" PRIu32 ", \"pid\": %" PRIu32,
            i != 0 ? "," : "", share->record->number, share->record->pid);
        if (request->dossier->header->wanted & PT_WANT_MEM) {
            add_memory(request->out, &share->memory);
        }
        add_run_name(request, share->record->number);
        pt_buf_add_char(request->out, '}');
    }
    pt_buf_add_text(request->out, "],\n ");
}

static void
add_run(struct pt_export *request)
{
    const struct pt_dossier *dossier = request->dossier;
    const struct pt_header *header = dossier->header;

    pt_buf_add_text(request->out,
                    "{\"format\": \"pytrace export\", \"version\": 1,\n "
                    "\"recording\": ");
    pt_json_add(request->out, dossier->name);
    pt_buf_add_text(request->out, ", \"directory\": ");
    pt_json_add(request->out, header->directory);
    pt_buf_add_format(request->out,
                      ", \"start_unix_ns\": %" PRIu64
                      ", \"processes\": %u,\n \"total\": {\"counted\": %s",
                      header->start_unix_ns, dossier->sum.shares,
                      header->wanted & PT_WANT_COUNT ? "true" : "false");
    if (header->wanted & PT_WANT_MEM) {
        add_memory(request->out, &dossier->sum.memory);
    }
    pt_buf_add_text(request->out, "},\n ");
    add_processes(request);
    pt_buf_add_text(request->out, "\"files\": [");
}

int
pt_out_json(struct pt_export *request)
{
    const struct pt_aggregate *sum = &request->dossier->sum;
    const char *separator = "";
    struct pt_arctable table;
    int code = pt_arctable_init(&table, sum, request->dossier->reader,
                                PT_OUTSIDE_IS_ONE);

    if (code != PT_OK) {
        return code;
    }
    add_run(request);
    for (uint32_t i = 0; i < sum->files; i++) {
        const char *path = pt_dossier_path(request->dossier, i);

        if (sum->file[i].places == 0 ||
            !pt_dossier_takes(request->dossier, &request->filter, i) ||
            (i == 0 && sum->place[0].memory.allocated.blocks == 0)) {
            continue;
        }
        pt_buf_add_format(request->out, "%s\n  {\"path\": ", separator);
        pt_json_add(request->out, path);
        pt_buf_add_text(request->out, ",\n   ");
        add_functions(request, i);
        add_lines(request, &table, i);
        pt_buf_add_char(request->out, '}');
        separator = ",";
    }
    pt_buf_add_text(request->out, "]}\n");
    pt_arctable_release(&table);
    return PT_OK;
}
