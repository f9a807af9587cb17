/* SPDX-License-Identifier: MIT */
/* render.c - the order of the outputs. */
#include "cli/report/print/render.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/report/print/gates.h"
#include "cli/report/print/out_calls.h"
#include "cli/report/print/out_cover.h"
#include "cli/report/print/out_funcs.h"
#include "cli/report/print/out_mem.h"
#include "cli/report/print/out_processes.h"
#include "cli/report/print/out_times.h"
#include "cli/report/print/outcome.h"
#include "cli/report/print/report.h"
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
        if (!options->without_listings) {
            pt_out_funcs(report);
        }
    }
    else if ((wanted & PT_WANT_COUNT) != 0) {
        pt_out_cover(report);
    }
    if ((wanted & PT_WANT_CALLS) != 0 && !options->without_listings) {
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

/* Who ran the program; 0 if nobody did. */
static uint32_t
version_of(const struct pt_reader *reader)
{
    const struct pt_process *process = pt_reader_process(reader, 0);

    return process != NULL ? process->python_version : 0;
}

/* What is left when all is printed: the code of the whole. */
static int
judge(const struct pt_report *report, int code)
{
    if (code == PT_OK && report->has_failed) {
        code = PT_ERR_IO;
    }
    return code == PT_OK ? pt_gates_check(report) : code;
}

int
pt_render(const struct pt_reader *reader,
          const struct pt_report_options *options)
{
    struct pt_report report = {
        .options = options,
        .reader = reader,
        .header = pt_reader_header(reader),
        .python_version = version_of(reader),
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
    code = judge(&report, code);
    pt_buf_release(&report.out);
    pt_arctable_release(&report.arcs);
    pt_aggregate_release(&report.sum);
    return code;
}

int
pt_render_sums(const struct pt_countsums *sums, const struct pt_reader *reader,
               const char *directory, const struct pt_report_options *options)
{
    static const struct pt_header counts_alone = {.wanted = PT_WANT_COUNT};
    struct pt_report report = {
        .options = options,
        .reader = reader,
        .header = &counts_alone,
        .sum = sums->sum,
        .naming = {.directory = directory,
                   .typed = "",
                   .search_path = sums->search_path,
                   .search_path_bytes = sums->search_path_bytes,
                   .replaced = PT_NAMING_NOTHING_REPLACED},
        .python_version = sums->python_version,
        .out = PT_BUF_INIT,
        .escape = pt_escape_for(STDOUT_FILENO),
    };
    int code;

    if (reader != NULL) {
        pt_naming_init(&report.naming, reader);
    }
    pt_out_cover(&report);
    code = judge(&report, write_out(&report.out));
    pt_buf_release(&report.out);
    return code;
}
