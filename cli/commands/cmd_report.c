/* SPDX-License-Identifier: MIT */
/* cmd_report.c - open the recording, print the report. */
#include "cli/commands/cmd_report.h"

#include <signal.h>

#include "cli/command.h"
#include "cli/commands/cmd_diff.h"
#include "cli/options/help.h"
#include "cli/options/options.h"
#include "cli/report/figures/momentlist.h"
#include "cli/report/print/render.h"
#include "cli/report/text/say.h"
#include "cli/run/snapshotfile.h"

static int
has_account(const struct pt_reader *reader)
{
    struct pt_moment moment;

    for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
        if (pt_momentlist_end(reader, i, &moment)) {
            return 1;
        }
    }
    return 0;
}

static int
print_opened(struct pt_opened *opened, const struct pt_options *options)
{
    struct pt_report_options shown = options->report;
    int code;

    shown.is_then = opened->label != NULL;
    if (opened->rewound.time_ns != 0) {
        uint64_t start_ns = pt_reader_header(opened->reader)->start_ns;

        shown.has_at = 1;
        shown.at_ns = opened->rewound.time_ns - start_ns;
    }
    if (options->is_peak && !shown.is_then) {
        shown.with_peak = shown.only_peak = 1;
    }
    else if (shown.is_then && shown.with_peak) {
        pt_say("--mem-peak needs the whole recording: what was held at an "
               "earlier peak is not known of '%s'",
               opened->label);
        return 2;
    }
    code = pt_render(opened->reader, &shown);
    if (options->snapshot != NULL &&
        pt_snapshotfile_write(opened->reader, options->snapshot) != PT_OK) {
        code = PT_ERR_IO;
    }
    // A limit that was not kept has a status of its own.
    return code < 0 ? 1 : code;
}

/* The peak as far as events tell of it; else its table alone will be shown,
 * where there is one. */
static int
go_to_peak(struct pt_opened *opened)
{
    int code = pt_opened_rewind_to_peak(opened);

    if (code == PT_ERR_RANGE &&
        (pt_reader_header(opened->reader)->wanted & PT_WANT_MEM) == 0) {
        pt_say("there are no figures of memory in '%s'; record with --mem",
               pt_buf_text(&opened->name));
        return pt_opened_release(opened, PT_ERR_USAGE);
    }
    return code == PT_ERR_RANGE ? PT_OK : code;
}

/* What resident memory was made of is known of any moment. */
static int
go_to(struct pt_opened *opened, const char *moment)
{
    int code = pt_opened_rewind(opened, moment);

    if (code != PT_ERR_RANGE) {
        return code;
    }
    if (opened->rewound.time_ns == 0 || !has_account(opened->reader)) {
        return pt_opened_refuse(opened, moment);
    }
    pt_say("what lines held and ran is of the end, as '%s' has only the "
           "account of resident memory at '%s'; record with --timeline=allocs "
           "or --timeline=lines",
           pt_buf_text(&opened->name), moment);
    return PT_OK;
}

static int
report_file(const char *path, const struct pt_options *options)
{
    struct pt_opened opened;
    int code = pt_opened_init(&opened, path);

    if (code == PT_OK && opened.label != NULL &&
        (options->at != NULL || options->is_peak)) {
        pt_say("'%s' names a moment already; leave --at and --peak out", path);
        return pt_opened_release(&opened, 2);
    }
    if (code == PT_OK && options->at != NULL) {
        code = go_to(&opened, options->at);
    }
    if (code == PT_OK && options->is_peak) {
        code = go_to_peak(&opened);
    }
    return code == PT_OK
               ? pt_opened_release(&opened, print_opened(&opened, options))
               : 1;
}

/* One of two moments; `shown` becomes what it is called. */
static int
open_moment(struct pt_opened *opened, const char *path, const char *moment,
            struct pt_buf *shown)
{
    int code = pt_opened_init(opened, path);

    pt_buf_add_format(shown, "%s@%s", path, moment);
    opened->path = pt_buf_text(shown);
    if (code == PT_OK) {
        code = pt_opened_rewind(opened, moment);
        code = code == PT_ERR_RANGE ? pt_opened_refuse(opened, moment) : code;
    }
    return code;
}

static int
report_between(const char *path, const struct pt_options *options)
{
    static const enum pt_comparison_group group_of[] = {
        [PT_LEDGER_LINENO] = PT_COMPARE_LINES,
        [PT_LEDGER_FILENAME] = PT_COMPARE_FILES,
        [PT_LEDGER_FUNCTION] = PT_COMPARE_FUNCTIONS,
        [PT_LEDGER_TRACEBACK] = PT_COMPARE_TRACEBACKS,
    };
    struct pt_comparison_options compared = {
        .group = group_of[options->report.mem.group],
        .filter = options->report.mem.filter};
    struct pt_buf names[2] = {PT_BUF_INIT, PT_BUF_INIT};
    struct pt_opened before, after;
    int status = 1;

    if (open_moment(&before, path, options->moments[0], &names[0]) == PT_OK) {
        if (open_moment(&after, path, options->moments[1], &names[1]) ==
            PT_OK) {
            status = pt_cmd_diff_opened(&before, &after, &compared,
                                        options->report.mem_top);
            status = pt_opened_release(&after, status);
        }
        status = pt_opened_release(&before, status);
    }
    pt_buf_release(&names[0]);
    pt_buf_release(&names[1]);
    return status;
}

/* Options may stand before and behind the file. */
static int
parse(struct pt_options *options, int argc, char **argv, const char **path,
      struct pt_err *err)
{
    int at = 1;
    int code = PT_OK;

    *path = NULL;
    pt_options_init(options);
    while (at < argc && code == PT_OK) {
        code =
            pt_options_parse(options, PT_SCOPE_REPORT, argc, argv, &at, err);
        if (code == PT_OK && at < argc) {
            if (*path != NULL) {
                return pt_err_set(err, PT_ERR_USAGE,
                                  "one recording at a time, not '%s' and '%s'",
                                  *path, argv[at]);
            }
            *path = argv[at++];
        }
    }
    return code;
}

int
pt_cmd_report(int argc, char **argv)
{
    struct pt_options options;
    struct pt_err err;
    const char *path;

    if (parse(&options, argc, argv, &path, &err) != PT_OK) {
        return pt_help_refuse(err.message);
    }
    if (options.is_help || options.is_version) {
        return pt_help_answer(&options, PT_HELP_REPORT);
    }
    if (pt_options_check_report(&options, &err) != PT_OK) {
        return pt_help_refuse(err.message);
    }
    if (path == NULL) {
        return pt_help_refuse("file is missing: pytrace report FILE");
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return options.moments[0] != NULL ? report_between(path, &options)
                                      : report_file(path, &options);
}
