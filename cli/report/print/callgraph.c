/* SPDX-License-Identifier: MIT */
/* callgraph.c - see callgraph.h. */
#include "cli/report/print/callgraph.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report/text/json.h"
#include "cli/report/text/size_text.h"

/* In a string of Graphviz only these two are special. */
static void
add_quoted(struct pt_buf *out, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '"' || text[i] == '\\') {
            pt_buf_add_char(out, '\\');
        }
        pt_buf_add_char(out, text[i]);
    }
}

void
pt_callgraph_add_dot(struct pt_report *report,
                     const struct pt_calltable *table)
{
    struct pt_buf *out = &report->out;

    pt_buf_add_text(out, "digraph calls {\n"
                         "  rankdir=LR;\n"
                         "  node [shape=box];\n");
    for (uint32_t i = 0; i < table->functions; i++) {
        const struct pt_callee *function = &table->function[i];

        pt_buf_add_format(out, "  f%" PRIu32 " [label=\"", i);
        add_quoted(out, function->module, strlen(function->module));
        pt_buf_add_char(out, '.');
        add_quoted(out, function->name, function->name_bytes);
        pt_buf_add_text(out, "\", tooltip=\"");
        add_quoted(out, function->path, strlen(function->path));
        pt_buf_add_format(out, ":%" PRIu32 "\"];\n", function->line);
    }
    for (uint32_t i = 0; i < table->calls; i++) {
        const struct pt_call_sum *call = &table->call[i];

        if (call->caller != PT_CALLTABLE_NOBODY) {
            pt_buf_add_format(
                out, "  f%" PRIu32 " -> f%" PRIu32 " [label=\"%s\"];\n",
                call->caller, call->callee, pt_count_text(call->calls).text);
        }
    }
    pt_buf_add_text(out, "}\n");
}

static void
add_json_function(struct pt_buf *out, const struct pt_callee *function)
{
    struct pt_buf name = PT_BUF_INIT;

    pt_buf_add(&name, function->name, function->name_bytes);
    pt_buf_add_text(out, "{\"path\": ");
    pt_json_add(out, function->path);
    pt_buf_add_format(out,
                      ", \"line\": %" PRIu32 ", \"module\": ", function->line);
    pt_json_add(out, function->module);
    pt_buf_add_text(out, ", \"name\": ");
    pt_json_add(out, pt_buf_text(&name));
    pt_buf_add_format(out, ", \"calls\": %" PRIu64 "}", function->calls);
    out->failed |= name.failed;
    pt_buf_release(&name);
}

void
pt_callgraph_add_json(struct pt_report *report,
                      const struct pt_calltable *table)
{
    struct pt_buf *out = &report->out;

    pt_buf_add_text(out, "{\"functions\": [");
    for (uint32_t i = 0; i < table->functions; i++) {
        pt_buf_add_text(out, i != 0 ? ",\n  " : "\n  ");
        add_json_function(out, &table->function[i]);
    }
    pt_buf_add_text(out, "\n ],\n \"calls\": [");
    for (uint32_t i = 0; i < table->calls; i++) {
        const struct pt_call_sum *call = &table->call[i];

        pt_buf_add_text(out,
                        i != 0 ? ",\n  {\"caller\": " : "\n  {\"caller\": ");
        if (call->caller == PT_CALLTABLE_NOBODY) {
            pt_buf_add_text(out, "null");
        }
        else {
            pt_buf_add_format(out, "%" PRIu32, call->caller);
        }
        pt_buf_add_format(out,
                          ", \"callee\": %" PRIu32 ", \"calls\": %" PRIu64
                          ", \"resumed\": %" PRIu64 "}",
                          call->callee, call->calls, call->resumed);
    }
    pt_buf_add_text(out, "\n ]}\n");
}

static void
add_text_function(struct pt_report *report, const struct pt_callee *function)
{
    struct pt_buf *out = &report->out;

    pt_escape_add(out, function->module, strlen(function->module),
                  report->escape);
    pt_buf_add_char(out, '.');
    pt_escape_add(out, function->name, function->name_bytes, report->escape);
    pt_buf_add_text(out, " (");
    pt_escape_add(out, function->path, strlen(function->path), report->escape);
    pt_buf_add_format(out, ":%" PRIu32 ")", function->line);
}

static void
add_text_call(struct pt_report *report, const struct pt_calltable *table,
              const struct pt_call_sum *call)
{
    struct pt_buf *out = &report->out;

    pt_buf_add_format(out, "%12s      -> ", pt_count_text(call->calls).text);
    add_text_function(report, &table->function[call->callee]);
    if (call->resumed != 0) {
        pt_buf_add_format(out, ", resumed %s",
                          pt_count_text(call->resumed).text);
    }
    pt_buf_add_char(out, '\n');
}

void
pt_callgraph_add_text(struct pt_report *report,
                      const struct pt_calltable *table)
{
    struct pt_buf *out = &report->out;
    uint32_t at = 0;

    pt_buf_add_text(out, "\nfunctions and what they called:\n");
    for (uint32_t i = 0; i < table->functions; i++) {
        const struct pt_callee *function = &table->function[i];

        pt_buf_add_format(
            out, "\n%12s  ",
            function->calls != 0 ? pt_count_text(function->calls).text : "");
        add_text_function(report, function);
        pt_buf_add_char(out, '\n');
        for (; at < table->calls && table->call[at].caller == i; at++) {
            add_text_call(report, table, &table->call[at]);
        }
    }
}
