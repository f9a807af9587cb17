/* SPDX-License-Identifier: MIT */
/* out_json.c - all figures by file and line: docs/schema/export.json. */
#include <inttypes.h>

#include "cli/report/export/export.h"
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

static void
add_lines(struct pt_export *request, const struct pt_file *file)
{
    const struct pt_dossier *dossier = request->dossier;
    int with_memory = (dossier->header->wanted & PT_WANT_MEM) != 0;
    int with_times = (dossier->header->wanted & PT_WANT_TIMES) != 0;

    pt_buf_add_text(request->out, "\"lines\": [");
    for (uint32_t i = 0; i < file->places; i++) {
        const struct pt_place *place = &dossier->sum.place[file->first + i];

        pt_buf_add_format(request->out, "%s\n    {\"line\": %u",
                          i != 0 ? "," : "", place->line);
        if (place->is_executable) {
            pt_buf_add_format(request->out, ", \"hits\": %" PRIu64,
                              place->hits);
            if (with_times) {
                pt_buf_add_format(request->out, ", \"time_ns\": %" PRIu64,
                                  place->time_ns);
            }
        }
        if (with_memory) {
            add_memory(request->out, &place->memory);
        }
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
    pt_buf_add_text(request->out, "},\n \"files\": [");
}

int
pt_out_json(struct pt_export *request)
{
    const struct pt_aggregate *sum = &request->dossier->sum;
    const char *separator = "";

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
        add_lines(request, &sum->file[i]);
        pt_buf_add_char(request->out, '}');
        separator = ",";
    }
    pt_buf_add_text(request->out, "]}\n");
    return PT_OK;
}
