/* SPDX-License-Identifier: MIT */
/* out_cover.c - which listings there are, where they go, what went wrong. */
#include "cli/report/print/out_cover.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report/figures/listing.h"
#include "cli/report/print/gates.h"
#include "cli/report/print/summary.h"
#include "cli/report/source/sourcetext.h"
#include "cli/report/text/say.h"
#include "core/base/file.h"

#define PYTHON_3_14 0x030e0000u  // trace: tenths of a percent

/* One listing in the making. */
struct cover {
    const struct pt_file *file;
    struct pt_buf shown;    // the source, for people
    struct pt_buf located;  // where it lies
    struct pt_buf module;
    struct pt_buf path;   // of the listing
    struct pt_buf text;   // in UTF-8
    struct pt_buf bytes;  // in the encoding of the source
    struct pt_sourcetext source;
    struct pt_listing_lines lines;
};

static void
release(struct cover *cover)
{
    pt_buf_release(&cover->shown);
    pt_buf_release(&cover->located);
    pt_buf_release(&cover->module);
    pt_buf_release(&cover->path);
    pt_buf_release(&cover->text);
    pt_buf_release(&cover->bytes);
    pt_sourcetext_release(&cover->source);
}

/* `<string>` and the like: no file at all. */
static int
is_in_brackets(const char *path)
{
    size_t length = strlen(path);

    return length >= 2 && path[0] == '<' && path[length - 1] == '>';
}

/* mkdir -p. The path is cut at each slash in turn and mended again. */
static int
make_directories(struct pt_buf *path)
{
    for (size_t i = 1; i <= path->used; i++) {
        char c = path->data[i];

        if (c != '/' && c != '\0') {
            continue;
        }
        path->data[i] = '\0';
        if (mkdir(path->data, 0777) != 0 && errno != EEXIST) {
            return PT_ERR_IO;
        }
        path->data[i] = c;
    }
    return PT_OK;
}

/* True if the directory for all listings is there, or none was asked for. */
static int
has_coverdir(struct pt_report *report)
{
    const char *name = report->options->coverdir;
    struct pt_buf path = PT_BUF_INIT;
    struct stat status;
    int result = 1;

    if (name == NULL ||
        (stat(name, &status) == 0 && S_ISDIR(status.st_mode))) {
        return 1;
    }
    pt_buf_add_text(&path, name);
    if (pt_buf_check(&path) != PT_OK) {
        errno = ENOMEM;
        result = 0;
    }
    else if (make_directories(&path) != PT_OK) {
        result = 0;
    }
    else if (stat(name, &status) != 0 || !S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        result = 0;
    }
    if (!result) {
        pt_say("cannot make the directory '%s' for the listings: %s; choose "
               "another with --coverdir",
               name, strerror(errno));
        report->has_failed = 1;
    }
    pt_buf_release(&path);
    return result;
}

/* Where the listing goes: module, directory, path. */
static void
find_place(const struct pt_report *report, struct cover *cover)
{
    const char *coverdir = report->options->coverdir;
    const char *slash;

    if (coverdir != NULL) {
        pt_naming_full_module(&report->naming, pt_buf_text(&cover->shown),
                              &cover->module);
        pt_buf_add_text(&cover->path, coverdir);
    }
    else {
        pt_naming_module(pt_buf_text(&cover->shown), &cover->module);
        slash = strrchr(pt_buf_text(&cover->located), '/');
        if (slash != NULL) {
            pt_buf_add(&cover->path, cover->located.data,
                       (size_t)(slash - cover->located.data));
        }
    }
    pt_buf_add_char(&cover->path, '/');
    pt_buf_add_text(&cover->path, pt_buf_text(&cover->module));
    pt_buf_add_text(&cover->path, ".cover");
}

/* The source must be the one that ran; if it is not, its listing may mislead,
 * yet it is all there is. */
static void
check_source(const struct cover *cover)
{
    const struct pt_file *file = cover->file;
    const char *path = pt_buf_text(&cover->located);

    if ((file->size_bytes != 0 || file->modified_ns != 0) &&
        access(path, F_OK) == 0 &&
        !pt_sourcetext_is_that(path, file->size_bytes, file->modified_ns)) {
        pt_say("'%s' changed since the program read it: its counts may stand "
               "beside other lines; run again for a listing of the new text",
               pt_buf_text(&cover->shown));
    }
}

/* Was the program read from a pipe or a terminal? What is gone so is nobody's
 * mistake: trace ends with status 0, too. */
static int
is_stream(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISREG(status.st_mode) &&
           !S_ISDIR(status.st_mode);
}

static int
read_source(struct pt_report *report, struct cover *cover)
{
    const struct pt_file *file = cover->file;
    struct pt_err err;

    if (is_stream(pt_buf_text(&cover->located))) {
        pt_say("no listing of '%s': it is not a regular file, and cannot be "
               "read again",
               pt_buf_text(&cover->shown));
        return PT_ERR_IO;
    }
    if (pt_sourcetext_read(&cover->source, pt_buf_text(&cover->located),
                           &err) == PT_OK) {
        check_source(cover);
        return PT_OK;
    }
    if (file->size_bytes == 0 && file->modified_ns == 0 &&
        access(pt_buf_text(&cover->located), F_OK) != 0) {
        // Code out of an archive, or made by the program under some name.
        pt_say("no listing of '%s': its code did not come from a file",
               pt_buf_text(&cover->shown));
        return PT_ERR_IO;
    }
    pt_say("no listing of '%s': %s%s", pt_buf_text(&cover->shown), err.message,
           err.code == PT_ERR_FORMAT ? "" : "; put it right and run again");
    report->has_failed = 1;
    return err.code;
}

static void
write_listing(struct pt_report *report, struct cover *cover)
{
    struct pt_listing_style style = {
        .with_missing = report->options->with_missing,
        .with_memory = (report->header->wanted & PT_WANT_MEM) != 0,
        .with_branches = (report->header->wanted & PT_WANT_ARCS) != 0,
        .with_times = (report->header->wanted & PT_WANT_TIMES) != 0,
        .python_version = report->python_version,
    };
    struct pt_err err = {.code = PT_OK};
    int code;

    style.arc = pt_arctable_of_file(&report->arcs,
                                    (uint32_t)(cover->file - report->sum.file),
                                    &style.arcs);
    code = pt_listing_compose(&cover->text, &cover->source.text,
                              &report->sum.place[cover->file->first],
                              cover->file->places, &style, &cover->lines);

    strcpy(err.message, pt_error_text(code));
    if (code == PT_OK) {
        code = pt_sourcetext_encode(&cover->source, &cover->text,
                                    &cover->bytes, &err);
    }
    if (code != PT_OK || pt_buf_check(&cover->path) != PT_OK) {
        pt_say("no listing of '%s': %s", pt_buf_text(&cover->shown),
               code != PT_OK ? err.message : pt_error_text(PT_ERR_NOMEM));
        report->has_failed = 1;
    }
    else if (!report->options->without_listings &&
             pt_file_make(cover->path.data, &cover->bytes) != PT_OK) {
        cover->lines = (struct pt_listing_lines){0};
        pt_say("cannot write '%s': %s; choose another directory with "
               "--coverdir",
               cover->path.data, strerror(errno));
        report->has_failed = 1;
    }
}

static void
cover_file(struct pt_report *report, const struct pt_file *file,
           struct pt_summary *summary)
{
    struct cover cover = {.file = file};

    pt_naming_show(&report->naming, file->path, &cover.shown);
    pt_naming_locate(&report->naming, file->path, &cover.located);
    find_place(report, &cover);
    if (read_source(report, &cover) == PT_OK) {
        write_listing(report, &cover);
        if (pt_summary_add(summary, pt_buf_text(&cover.module),
                           pt_buf_text(&cover.shown), &cover.lines) != PT_OK) {
            pt_say("no memory for the summary of '%s'",
                   pt_buf_text(&cover.shown));
            report->has_failed = 1;
        }
    }
    release(&cover);
}

/* --fail-under, whether missing lines are marked or not. */
static void
check_total(struct pt_report *report, const struct pt_listing_lines *total)
{
    uint64_t lines = total->hit + total->missing;
    uint32_t wanted = report->options->fail_under;

    if (100 * total->hit < wanted * lines) {
        uint64_t tenths = 1000 * total->hit / lines;

        pt_gate_say(report, NULL,
                    "coverage of %u.%u%% is under the %u%% of --fail-under; "
                    "-m marks the lines that never ran",
                    (unsigned)(tenths / 10), (unsigned)(tenths % 10), wanted);
        report->is_under = 1;
    }
}

void
pt_out_cover(struct pt_report *report)
{
    const struct pt_report_options *options = report->options;
    struct pt_summary summary = {
        .with_branches = (report->header->wanted & PT_WANT_ARCS) != 0,
        .with_tenths = report->python_version >= PYTHON_3_14};
    const struct pt_aggregate *sum = &report->sum;
    int is_ready = options->without_listings ? 1 : -1;

    // Without listings the lines are looked at for the limit alone.
    if (options->without_listings && options->fail_under == 0) {
        return;
    }
    for (uint32_t i = 1; i < sum->files; i++) {
        const struct pt_file *file = &sum->file[i];

        if (file->hits == 0 || is_in_brackets(file->path)) {
            continue;
        }
        if (is_ready < 0) {
            is_ready = has_coverdir(report);
        }
        if (is_ready) {
            cover_file(report, file, &summary);
        }
    }
    if (options->with_summary && !options->without_listings) {
        pt_summary_print(&summary, options->summary_format, &report->out,
                         report->escape);
    }
    check_total(report, &summary.total);
    pt_summary_release(&summary);
}
