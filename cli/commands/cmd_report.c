/* SPDX-License-Identifier: MIT */
/* cmd_report.c - open the recording, print the report. */
#include "cli/commands/cmd_report.h"

#include <signal.h>

#include "cli/command.h"
#include "cli/options/help.h"
#include "cli/options/options.h"
#include "cli/report/figures/momentlist.h"
#include "cli/report/print/report.h"
#include "cli/report/text/say.h"
#include "cli/report/text/time_text.h"
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
report_file(const char *path, const struct pt_options *options)
{
    struct pt_opened opened;
    int code = pt_opened_init(&opened, path);

    if (code != PT_OK) {
        return 1;
    }
    if (opened.label != NULL && options->report.with_peak) {
        pt_say("--mem-peak needs the whole recording: what was held at an "
               "earlier peak is not in the snapshot '%s'",
               opened.label);
        return pt_opened_release(&opened, 2);
    }
    if (options->report.has_at && !has_account(opened.reader)) {
        pt_say("--at tells what resident memory was made of, and '%s' does "
               "not know that; record with --mem --native",
               opened.path);
        return pt_opened_release(&opened, 2);
    }
    code = pt_report_print(opened.reader, &options->report);
    if (options->snapshot != NULL &&
        pt_snapshotfile_write(opened.reader, options->snapshot) != PT_OK) {
        code = PT_ERR_IO;
    }
    // A limit that was not kept has a status of its own.
    return pt_opened_release(&opened, code < 0 ? 1 : code);
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

/* Turn --at into a time of the run. */
static int
read_at(struct pt_options *options, struct pt_err *err)
{
    options->report.has_at = options->at != NULL;
    if (options->at == NULL ||
        pt_time_read(options->at, &options->report.at_ns) == PT_OK) {
        return PT_OK;
    }
    return pt_err_set(err, PT_ERR_USAGE, "--at is a time in seconds");
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
        return pt_help_answer(&options);
    }
    if (pt_options_check_report(&options, &err) != PT_OK ||
        read_at(&options, &err) != PT_OK) {
        return pt_help_refuse(err.message);
    }
    if (path == NULL) {
        return pt_help_refuse("file is missing: pytrace report FILE");
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return report_file(path, &options);
}
