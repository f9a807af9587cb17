/* SPDX-License-Identifier: MIT */
/* cmd_report.c - open the recording, print the report. */
#include "cli/cmd_report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/options.h"
#include "cli/report/report.h"
#include "cli/report/say.h"
#include "core/timeline/reader.h"

static int
report_file(const char *path, const struct pt_report_options *options)
{
    struct pt_reader *reader;
    struct pt_err err;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int code;

    if (fd < 0) {
        pt_say("cannot open the recording '%s': %s; check its path", path,
               strerror(errno));
        return 1;
    }
    code = pt_reader_open(&reader, fd, path, &err);
    if (code != PT_OK) {
        pt_say("%s", err.message);
        close(fd);
        return 1;
    }
    if (pt_reader_process(reader, 0) == NULL) {
        pt_say("nothing was recorded in '%s': its program did not start",
               path);
        code = PT_ERR_FORMAT;
    }
    else {
        code = pt_report_print(reader, options);
    }
    pt_reader_close(reader);
    close(fd);
    return code == PT_OK ? 0 : code == PT_ERR_RANGE ? 2 : 1;
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
        return pt_help_answer(&options);
    }
    if (pt_options_check_report(&options, &err) != PT_OK) {
        return pt_help_refuse(err.message);
    }
    if (path == NULL) {
        return pt_help_refuse("file is missing: pytrace report FILE");
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return report_file(path, &options.report);
}
