/* SPDX-License-Identifier: MIT */
/* report.c - the order of the outputs. */
#include "cli/report/print/report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/report/print/out_calls.h"
#include "cli/report/print/gates.h"
#include "cli/report/print/out_cover.h"
#include "cli/report/print/out_funcs.h"
#include "cli/report/print/out_mem.h"
#include "cli/report/print/out_processes.h"
#include "cli/report/print/out_times.h"
#include "cli/report/print/outcome.h"
#include "cli/report/text/say.h"
#include "core/base/file.h"

static int
say_no_memory(void)
{
    pt_say("out of memory for the report; free some, or keep the recording "
           "with -o FILE and run pytrace report FILE elsewhere");
    return PT_ERR_NOMEM;
}

/* A reader of stdout who has gone away wanted no more. */
static int
write_out(const struct pt_buf *out)
{
    int code;

    if (pt_buf_check(out) != PT_OK) {
        return say_no_memory();
    }
    code = pt_file_write(STDOUT_FILENO, pt_buf_text(out), out->used);
    if (code == PT_OK || errno == EPIPE) {
        return PT_OK;
    }
    pt_say("cannot write the report to stdout: %s; send it elsewhere",
           strerror(errno));
    return code;
}

static void
print_all(struct pt_report *report)
{
    const struct pt_report_options *options = report->options;
    uint32_t wanted = options->only_peak ? PT_WANT_MEM
                                         : report->header->wanted;

    if (!options->only_peak &&
        (options->with_functions || (wanted & PT_WANT_FUNCS) != 0)) {
        pt_out_funcs(report);
    }
    else if ((wanted & PT_WANT_COUNT) != 0 && !options->without_listings) {
        pt_out_cover(report);
    }
    if (wanted & PT_WANT_CALLS) {
        pt_out_calls(report);
    }
    if (wanted & PT_WANT_TIMES) {
        pt_out_times(report);
    }
    if (wanted & PT_WANT_MEM) {
        pt_out_mem(report);
    }
    if (options->per_process) {
        pt_out_processes(report);
    }
}

int
pt_report_print(const struct pt_reader *reader,
                const struct pt_report_options *options)
{
    struct pt_report report = {
        .options = options,
        .reader = reader,
        .header = pt_reader_header(reader),
        .out = PT_BUF_INIT,
        .escape = pt_escape_for(STDOUT_FILENO),
    };
    int code = pt_aggregate_init(&report.sum, reader);

    if (code == PT_OK) {
        code = pt_arctable_init(&report.arcs, &report.sum, reader,
                                PT_OUTSIDE_IS_ONE);
    }
    if (code != PT_OK) {
        pt_aggregate_release(&report.sum);
        return say_no_memory();
    }
    pt_naming_init(&report.naming, reader);
    print_all(&report);
    code = write_out(&report.out);
    pt_outcome_say(&report);
    if (code == PT_OK && report.has_failed) {
        code = PT_ERR_IO;
    }
    if (code == PT_OK) {
        code = pt_gates_check(&report);
    }
    pt_buf_release(&report.out);
    pt_arctable_release(&report.arcs);
    pt_aggregate_release(&report.sum);
    return code;
}
