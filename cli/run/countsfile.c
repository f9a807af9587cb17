/* SPDX-License-Identifier: MIT */
/* countsfile.c - handing figures over to pytrace._trace_sum, and reporting
 * what it makes of them. */
#include "cli/run/countsfile.h"

#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/report/figures/functions.h"
#include "cli/report/print/calltable.h"
#include "cli/report/print/render.h"
#include "cli/report/print/report.h"
#include "cli/report/source/funcname.h"
#include "cli/report/text/say.h"
#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/timeline/handover.h"

#define WORDS_MAX 12

/* A field, which ends with a zero byte. */
static void
add_field(struct pt_buf *out, const char *text, size_t bytes)
{
    pt_buf_add(out, text, bytes);
    pt_buf_add_char(out, '\0');
}

static void
add_number(struct pt_buf *out, uint64_t number)
{
    pt_buf_add_format(out, "%" PRIu64, number);
    pt_buf_add_char(out, '\0');
}

/* Fields that are still to be counted: their number comes first. */
struct batch {
    struct pt_buf fields;
    uint64_t count;
};

static void
end_batch(struct batch *batch, struct pt_buf *out)
{
    add_number(out, batch->count);
    pt_buf_add(out, pt_buf_text(&batch->fields), batch->fields.used);
    out->failed |= batch->fields.failed;
    pt_buf_release(&batch->fields);
}

/* "path", "line", "hits" */
static void
add_counts(const struct pt_report *report, struct pt_buf *out)
{
    const struct pt_aggregate *sum = &report->sum;
    struct batch batch = {PT_BUF_INIT, 0};

    for (uint32_t i = 1; i < sum->places; i++) {
        const struct pt_place *place = &sum->place[i];

        if (place->hits != 0) {
            pt_naming_show(&report->naming, sum->file[place->file].path,
                           &batch.fields);
            add_field(&batch.fields, "", 0);
            add_number(&batch.fields, place->line);
            add_number(&batch.fields, place->hits);
            batch.count++;
        }
    }
    end_batch(&batch, out);
}

/* "path", "module", "function" */
static int
add_called(const struct pt_report *report, struct pt_buf *out)
{
    struct batch batch = {PT_BUF_INIT, 0};
    struct pt_functions functions;

    if (pt_functions_init(&functions, report->reader, &report->sum) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < functions.functions; i++) {
        const struct pt_function *function = &functions.function[i];
        size_t bytes = function->name_bytes;
        const char *name = pt_funcname_cut(function->name, &bytes);
        struct pt_buf path = PT_BUF_INIT;

        if (function->calls != 0) {
            pt_naming_show(&report->naming,
                           report->sum.file[function->file].path, &path);
            add_field(&batch.fields, pt_buf_text(&path), path.used);
            pt_naming_module(pt_buf_text(&path), &batch.fields);
            add_field(&batch.fields, "", 0);
            add_field(&batch.fields, name, bytes);
            batch.fields.failed |= path.failed;
            batch.count++;
        }
        pt_buf_release(&path);
    }
    end_batch(&batch, out);
    pt_functions_release(&functions);
    return PT_OK;
}

static void
add_callee(struct pt_buf *out, const struct pt_callee *function)
{
    add_field(out, function->path, strlen(function->path));
    add_field(out, function->module, strlen(function->module));
    add_field(out, function->name, function->name_bytes);
}

/* The caller's path, module and function, then those of whom it called. */
static int
add_callers(const struct pt_report *report, struct pt_buf *out)
{
    struct batch batch = {PT_BUF_INIT, 0};
    struct pt_calltable table;

    if (pt_calltable_init(&table, report) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < table.calls; i++) {
        if (table.call[i].caller != PT_CALLTABLE_NOBODY) {
            add_callee(&batch.fields, &table.function[table.call[i].caller]);
            add_callee(&batch.fields, &table.function[table.call[i].callee]);
            batch.count++;
        }
    }
    end_batch(&batch, out);
    pt_calltable_release(&table);
    return PT_OK;
}

/* What a run has gathered, in three batches. */
static int
compose(const struct pt_reader *reader, struct pt_buf *out)
{
    struct pt_report report = {.reader = reader};
    uint32_t wanted = pt_reader_header(reader)->wanted;
    int code = pt_aggregate_init(&report.sum, reader);

    if (code != PT_OK) {
        return code;
    }
    pt_naming_init(&report.naming, reader);
    if ((wanted & PT_WANT_COUNT) != 0 && (wanted & PT_WANT_FUNCS) == 0) {
        add_counts(&report, out);
    }
    else {
        add_number(out, 0);
    }
    if (wanted & PT_WANT_FUNCS) {
        code = add_called(&report, out);
    }
    else {
        add_number(out, 0);
    }
    if (code == PT_OK) {
        code = add_callers(&report, out);
    }
    pt_aggregate_release(&report.sum);
    return code == PT_OK ? pt_buf_check(out) : code;
}

/* A descriptor from which it can be read, or -1. */
static int
open_input(const struct pt_reader *reader)
{
    struct pt_buf text = PT_BUF_INIT;
    int fd = memfd_create("pytrace-counts", MFD_CLOEXEC);

    if (fd >= 0 &&
        (compose(reader, &text) != PT_OK ||
         pt_file_write(fd, pt_buf_text(&text), text.used) != PT_OK ||
         lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        fd = -1;
    }
    pt_buf_release(&text);
    return fd;
}

static void
restore(const char *name, const char *saved_name)
{
    const char *saved = getenv(saved_name);

    if (saved != NULL && saved[0] != '\0') {
        setenv(name, saved, 1);
    }
    else {
        unsetenv(name);
    }
    unsetenv(saved_name);
}

/* What the program was told goes, and what the user had set is back. */
static void
restore_all(void)
{
    restore("PYTHONPATH", PT_ENV_PYTHONPATH);
    if (getenv(PT_ENV_PRELOAD) != NULL) {
        restore("LD_PRELOAD", PT_ENV_PRELOAD);
    }
    unsetenv(PT_ENV_RECORDING);
    unsetenv(PT_ENV_SPOOLS);
}

/* Unless the package is installed in the interpreter, it must find it. */
static int
show_package(const struct pt_package *package)
{
    char path[PATH_MAX];
    const char *users = getenv("PYTHONPATH");
    struct pt_buf all = PT_BUF_INIT;
    int code;

    if (package->python[0] != '\0') {
        return PT_OK;
    }
    // <directory>/pytrace/_boot
    snprintf(path, sizeof(path), "%s", package->boot);
    pt_buf_add_text(&all, dirname(dirname(path)));
    if (users != NULL && users[0] != '\0') {
        pt_buf_add_format(&all, ":%s", users);
    }
    code = pt_buf_check(&all);
    if (code == PT_OK && setenv("PYTHONPATH", all.data, 1) != 0) {
        code = PT_ERR_NOMEM;
    }
    pt_buf_release(&all);
    return code;
}

/* In the child: the environment that we were started with, and the module. */
static void
execute(const struct pt_options *options, const struct pt_package *package,
        const char *interpreter, int input, int answer)
{
    char number[16];
    const char *words[WORDS_MAX] = {
        interpreter,     "-P",  "-m", "pytrace._trace_sum",
        options->counts, number};
    int used = 6;

    snprintf(number, sizeof(number), "%d", answer);
    if (input >= 0) {
        words[used++] = "--add";
    }
    if (options->without_listings) {
        words[used++] = "--no-report";
    }
    if (options->report.with_missing || options->report.fail_under != 0) {
        words[used++] = "--missing";
    }
    if (input >= 0) {
        restore_all();
    }
    if (show_package(package) == PT_OK &&
        (input < 0 || dup2(input, STDIN_FILENO) == STDIN_FILENO)) {
        execv(interpreter, (char *const *)words);
    }
    _exit(127);
}

/* Its answer: PT_OK, or PT_ERR_IO, when it has said why if it could. */
static int
ask(const struct pt_options *options, const struct pt_package *package,
    const char *interpreter, int input, struct pt_buf *text)
{
    // The child's own: it goes through exec.
    int status = -1, code = PT_ERR_IO,
        answer = memfd_create("pytrace-sums", 0);
    struct pt_err err = {.message = "the interpreter could not run"};
    char path[32];
    pid_t child = answer >= 0 ? fork() : -1;

    if (child == 0) {
        execute(options, package, interpreter, input, answer);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (status == 0) {
        snprintf(path, sizeof(path), "/proc/self/fd/%d", answer);
        code = pt_file_read(path, text, &err);
    }
    if (code != PT_OK && !(WIFEXITED(status) && WEXITSTATUS(status) == 1)) {
        pt_say("no sums of '%s' by '%s': %s; choose another with --python",
               options->counts, interpreter, err.message);
    }
    if (answer >= 0) {
        close(answer);
    }
    return code;
}

/* Listings and summary. `reader` may be NULL: see pt_render_sums(). */
static int
report_sums(const struct pt_buf *text, const struct pt_reader *reader,
            const struct pt_options *options)
{
    struct pt_report_options shown = options->report;
    struct pt_countsums sums;
    char directory[PATH_MAX];
    int code = pt_countsums_init(&sums, text);

    if (code != PT_OK) {
        pt_say("the sums of '%s' cannot be reported: %s", options->counts,
               pt_error_text(code));
        return code;
    }
    if (getcwd(directory, sizeof(directory)) == NULL) {
        directory[0] = '\0';
    }
    // Limits of memory are those of the run.
    shown.fail_peak = shown.fail_live = 0;
    shown.fail_leak = 0;
    shown.without_listings = options->without_listings;
    code = pt_render_sums(&sums, reader, directory, &shown);
    pt_countsums_release(&sums);
    return code;
}

int
pt_countsfile_add(const struct pt_reader *reader,
                  const struct pt_options *options,
                  const struct pt_package *package, const char *interpreter)
{
    int input = open_input(reader);
    struct pt_buf text = PT_BUF_INIT;
    int code = PT_ERR_IO;

    if (input >= 0) {
        code = ask(options, package, interpreter, input, &text);
        close(input);
    }
    if (code == PT_OK) {
        code = report_sums(&text, reader, options);
    }
    else {
        pt_say("cannot add the counts of this run to '%s' with '%s'; keep the "
               "recording with -o",
               options->counts, interpreter);
    }
    pt_buf_release(&text);
    return code;
}

int
pt_countsfile_report(const struct pt_options *options,
                     const struct pt_package *package, const char *interpreter)
{
    struct pt_buf text = PT_BUF_INIT;
    int code = ask(options, package, interpreter, -1, &text);

    if (code == PT_OK) {
        code = report_sums(&text, NULL, options);
    }
    pt_buf_release(&text);
    return code;
}
