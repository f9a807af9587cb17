/* SPDX-License-Identifier: MIT */
/* out_calls.c - trace's "calling relationships". */
#include "cli/report/print/out_calls.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report/print/callgraph.h"

static void
add_shown(struct pt_report *report, const char *text)
{
    pt_escape_add(&report->out, text, strlen(text), report->escape);
}

/* "module.function" */
static void
add_function(struct pt_report *report, const struct pt_callee *function)
{
    add_shown(report, function->module);
    pt_buf_add_char(&report->out, '.');
    pt_escape_add(&report->out, function->name, function->name_bytes,
                  report->escape);
}

static void
add_call(struct pt_report *report, const struct pt_callee *caller,
         const struct pt_callee *callee, const struct pt_call_sum *call)
{
    struct pt_buf *out = &report->out;

    pt_buf_add_text(out, "    ");
    add_function(report, caller);
    pt_buf_add_text(out, " -> ");
    add_function(report, callee);
    if (report->options->with_calls) {
        pt_buf_add_format(out, ", calls: %" PRIu64, call->calls);
    }
    if (report->options->with_calls && call->resumed != 0) {
        pt_buf_add_format(out, ", resumed: %" PRIu64, call->resumed);
    }
    pt_buf_add_char(out, '\n');
}

static void
add_relations(struct pt_report *report, const struct pt_calltable *table)
{
    const char *path = "", *callee_path = "";

    pt_buf_add_text(&report->out, "\ncalling relationships:\n");
    for (uint32_t i = 0; i < table->calls; i++) {
        const struct pt_call_sum *call = &table->call[i];
        const struct pt_callee *callee = &table->function[call->callee];
        const struct pt_callee *caller;

        // What the interpreter calls itself; trace knows no such calls.
        if (call->caller == PT_CALLTABLE_NOBODY) {
            continue;
        }
        caller = &table->function[call->caller];
        if (strcmp(caller->path, path) != 0) {
            pt_buf_add_text(&report->out, "\n*** ");
            add_shown(report, caller->path);
            pt_buf_add_text(&report->out, " ***\n");
            path = caller->path;
            callee_path = "";
        }
        if (strcmp(callee->path, path) != 0 &&
            strcmp(callee->path, callee_path) != 0) {
            pt_buf_add_text(&report->out, "  --> ");
            add_shown(report, callee->path);
            pt_buf_add_char(&report->out, '\n');
            callee_path = callee->path;
        }
        add_call(report, caller, callee, call);
    }
}

void
pt_out_calls(struct pt_report *report)
{
    struct pt_calltable table;

    if (pt_calltable_init(&table, report) != PT_OK) {
        report->out.failed = 1;
        return;
    }
    switch (report->options->callgraph) {
    case PT_CALLGRAPH_NONE:
        add_relations(report, &table);
        break;
    case PT_CALLGRAPH_DOT:
        pt_callgraph_add_dot(report, &table);
        break;
    case PT_CALLGRAPH_JSON:
        pt_callgraph_add_json(report, &table);
        break;
    case PT_CALLGRAPH_TEXT:
        pt_callgraph_add_text(report, &table);
        break;
    }
    pt_calltable_release(&table);
}
