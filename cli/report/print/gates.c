/* SPDX-License-Identifier: MIT */
/* gates.c - comparing with limits, and words for CI. */
#include "cli/report/print/gates.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/report/figures/leakhunt.h"
#include "cli/report/text/say.h"
#include "cli/report/text/size_text.h"
#include "core/base/file.h"

/* A value of a workflow command: '%' and line ends are escaped, in a property
 * also ':' and ','. */
static void
add_escaped(struct pt_buf *out, const char *text, int is_property)
{
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '\n' || *text == '\r' ||
            (is_property && (*text == ':' || *text == ','))) {
            pt_buf_add_format(out, "%%%02X", (unsigned)*text);
        }
        else {
            pt_buf_add_char(out, *text);
        }
    }
}

/* Append what is behind `root` in `path`, without links as far as they are
 * there: 1, or 0 where it is elsewhere. */
static int
add_behind(const char *root, const char *path, struct pt_buf *out)
{
    char root_room[PATH_MAX], path_room[PATH_MAX];
    const char *real_root = realpath(root, root_room);
    const char *real_path = realpath(path, path_room);
    size_t bytes;

    root = real_root != NULL ? real_root : root;
    path = real_path != NULL ? real_path : path;
    bytes = strlen(root);
    if (bytes <= 1 || strncmp(path, root, bytes) != 0 || path[bytes] != '/') {
        return 0;
    }
    pt_buf_add_text(out, path + bytes + 1);
    return 1;
}

/* What the CI calls a file: its place in the repository, or, where that is not
 * known, what reports call it. */
static void
add_path(const struct pt_naming *naming, const char *path, struct pt_buf *out)
{
    const char *root = getenv("GITHUB_WORKSPACE");
    struct pt_buf located = PT_BUF_INIT;

    pt_naming_locate(naming, path, &located);
    if (root == NULL || root[0] != '/' || path[0] == '<' ||
        !add_behind(root, pt_buf_text(&located), out)) {
        pt_naming_show(naming, path, out);
    }
    pt_buf_release(&located);
}

void
pt_gate_annotate(const struct pt_naming *naming, const char *path,
                 uint32_t line, const char *message)
{
    const char *actions = getenv("GITHUB_ACTIONS");
    struct pt_buf out = PT_BUF_INIT, name = PT_BUF_INIT;

    if (actions == NULL || actions[0] == '\0') {
        return;
    }
    pt_buf_add_text(&out, "::error ");
    if (path != NULL) {
        pt_buf_add_text(&out, "file=");
        add_path(naming, path, &name);
        add_escaped(&out, pt_buf_text(&name), 1);
        pt_buf_release(&name);
        pt_buf_add_format(&out, ",line=%u,", line);
    }
    pt_buf_add_text(&out, "title=pytrace::");
    add_escaped(&out, message, 0);
    pt_buf_add_char(&out, '\n');
    if (pt_buf_check(&out) != PT_OK ||
        pt_file_write(STDERR_FILENO, out.data, out.used) != PT_OK) {
        // The message itself was said; there is nobody else to tell.
    }
    pt_buf_release(&out);
}

void
pt_gate_say(const struct pt_report *report, const struct pt_place *place,
            const char *format, ...)
{
    int has_file = place != NULL && place->file != 0;
    char message[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    pt_say("%s", message);
    pt_gate_annotate(&report->naming,
                     has_file ? report->sum.file[place->file].path : NULL,
                     has_file ? place->line : 0, message);
}

/* The line that holds most at the end, and, as it most often is the same, the
 * one to look at for a peak too. */
static const struct pt_place *
largest(const struct pt_aggregate *sum)
{
    const struct pt_place *best = NULL;

    for (uint32_t i = 0; i < sum->places; i++) {
        if (sum->place[i].file != 0 &&
            (best == NULL ||
             sum->place[i].memory.live.bytes > best->memory.live.bytes)) {
            best = &sum->place[i];
        }
    }
    return best;
}

/* True if a limit of memory was set, and there is what it is for. */
static int
is_asked(const struct pt_report *report, uint64_t limit, int *code)
{
    *code = 0;
    if (limit != 0 && (report->header->wanted & PT_WANT_MEM) == 0) {
        pt_say("there are no figures of memory to hold against a limit; "
               "record with --mem");
        *code = PT_ERR_RANGE;
        return 0;
    }
    return limit != 0;
}

static int
check_peak(const struct pt_report *report)
{
    const struct pt_share *highest = pt_aggregate_highest(&report->sum);
    uint64_t limit = report->options->fail_peak;
    uint64_t peak = highest != NULL ? pt_aggregate_peak_bytes(highest) : 0;
    int code;

    if (!is_asked(report, limit, &code) || peak <= limit) {
        return code;
    }
    pt_gate_say(report, largest(&report->sum),
                "the peak of %s is over the %s of --fail-peak; --mem-peak "
                "shows what was held then",
                pt_size_text((double)peak).text,
                pt_size_text((double)limit).text);
    return PT_GATE_PEAK;
}

static int
check_live(const struct pt_report *report)
{
    uint64_t limit = report->options->fail_live;
    uint64_t live = report->sum.memory.live.bytes;
    int code;

    if (!is_asked(report, limit, &code) || live <= limit) {
        return code;
    }
    pt_gate_say(report, largest(&report->sum),
                "the %s kept at the end are over the %s of --fail-live",
                pt_size_text((double)live).text,
                pt_size_text((double)limit).text);
    return PT_GATE_LIVE;
}

static int
judge_leaks(const struct pt_report *report, const struct pt_leakhunt *hunt)
{
    const struct pt_place *place;

    if (hunt->lack != PT_LACK_NOTHING) {
        pt_say("--fail-leak cannot be answered: it needs --mem, and at least "
               "%u snapshots (pytrace.snapshot), or spans (pytrace.span) of a "
               "label that end, with --timeline=allocs",
               PT_SERIES_LEAST);
        return PT_ERR_RANGE;
    }
    if (hunt->leaks == 0) {
        return 0;
    }
    place = &hunt->dossier->sum.place[hunt->leak[0].place];
    pt_gate_say(report, place,
                "%u line%s more with each '%s'%s %s; pytrace leaks tells "
                "more of a recording kept with -o",
                hunt->leaks, hunt->leaks == 1 ? " holds" : "s hold",
                pt_buf_text(&hunt->label),
                hunt->leaks == 1 ? "," : ", the first",
                pt_size_text(hunt->leak[0].growth.bytes_per_work).text);
    return PT_GATE_LEAK;
}

static int
check_leak(const struct pt_report *report)
{
    static const struct pt_filter all;
    struct pt_dossier dossier;
    struct pt_leakhunt hunt;
    int code;

    if (!report->options->fail_leak) {
        return 0;
    }
    code = pt_dossier_init(&dossier, report->reader, "the recording");
    if (code != PT_OK) {
        return code;
    }
    code = pt_leakhunt_init(&hunt, &dossier, NULL, &all);
    if (code == PT_OK) {
        code = judge_leaks(report, &hunt);
        pt_leakhunt_release(&hunt);
    }
    pt_dossier_release(&dossier);
    return code;
}

int
pt_gates_check(const struct pt_report *report)
{
    int under = report->is_under ? PT_GATE_UNDER : 0;
    int peak = check_peak(report);
    int live = check_live(report);
    int leak = check_leak(report);

    return under != 0 ? under : peak != 0 ? peak : live != 0 ? live : leak;
}
