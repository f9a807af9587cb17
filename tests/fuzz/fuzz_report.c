/* SPDX-License-Identifier: MIT */
/* fuzz_report.c - what every command makes of arbitrary recordings.
 *
 * For clang's libFuzzer; forged.h says what its bytes mean. What is said goes
 * nowhere: run it with -close_fd_mask=3.
 */
#include "tests/fuzz/forged.h"

#include <fcntl.h>

#include "cli/report/export/export.h"
#include "cli/report/figures/comparison.h"
#include "cli/report/figures/integrity.h"
#include "cli/report/figures/leakhunt.h"
#include "cli/report/print/out_diff.h"
#include "cli/report/print/out_events.h"
#include "cli/report/print/out_info.h"
#include "cli/report/print/out_leaks.h"
#include "core/timeline/instants.h"

#define WANTED                                                  \
  (PT_WANT_COUNT | PT_WANT_MEM | PT_WANT_ARCS | PT_WANT_TIMES | \
   PT_WANT_CALLS | PT_WANT_TEMPORARY | PT_WANT_LIFETIME |       \
   PT_WANT_CALL_EVENTS | PT_WANT_LINE_EVENTS | PT_WANT_ALLOC_EVENTS)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int nowhere = -1;

static void
look_at_all(const struct pt_reader *reader, int fd)
{
    struct pt_buf out = PT_BUF_INIT;
    struct pt_info info = {.name = "fuzz"};
    struct pt_integrity integrity = {
        .reader = reader, .fd = fd, .file_bytes = 1u << 20, .out = &out};

    pt_integrity_check(&integrity);
    pt_out_info(reader, &info, &out);
    pt_out_info_json(reader, &info, &out);
    pt_buf_release(&out);
}

static void
export_all(struct pt_dossier *dossier)
{
    static const pt_export_format formats[] = {
        pt_out_csv,       pt_out_json,      pt_out_lcov,
        pt_out_cobertura, pt_out_collapsed, pt_out_speedscope,
        pt_out_pprof,     pt_out_chrome,    pt_out_perfetto};
    struct pt_events_filter filter = {.thread = PT_EVENTS_ANY,
                                      .process = PT_EVENTS_ANY,
                                      .most_bytes = UINT64_MAX,
                                      .until_ns = UINT64_MAX,
                                      .most_events = UINT64_MAX};
    struct pt_split split;
    uint64_t lost;

    if (pt_split_init(&split, &dossier->sum, dossier->reader) != PT_OK) {
        return;
    }
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct pt_buf out = PT_BUF_INIT;
        struct pt_outlet outlet = {.fd = nowhere};
        struct pt_export request = {.dossier = dossier,
                                    .split = split,
                                    .out = &out,
                                    .outlet = &outlet};

        (void)!formats[i](&request);
        pt_buf_release(&out);
    }
    pt_split_release(&split);
    (void)!pt_out_events(dossier, &filter, nowhere, &lost);
}

static void
hunt(struct pt_dossier *dossier)
{
    struct pt_buf out = PT_BUF_INIT;
    struct pt_filter filter = {0};
    struct pt_leakhunt leaks;

    if (pt_leakhunt_init(&leaks, dossier, NULL, &filter) == PT_OK) {
        (void)!pt_out_leaks(&leaks, 10, PT_ESCAPE_NOTHING, &out);
        (void)!pt_out_leaks_others(&leaks, 10, PT_ESCAPE_NOTHING, &out);
        (void)!pt_out_leaks_json(&leaks, &out);
        pt_leakhunt_release(&leaks);
    }
    pt_buf_release(&out);
}

static void
compare(struct pt_dossier *before, struct pt_dossier *after)
{
    struct pt_buf out = PT_BUF_INIT;
    struct pt_comparison_options options = {.group = PT_COMPARE_LINES};
    struct pt_diff_style style = {.top = 10};
    struct pt_comparison comparison;

    if (pt_comparison_init(&comparison, before, after, &options) == PT_OK) {
        pt_out_diff(&comparison, &style, &out);
        pt_out_diff_json(&comparison, &style, &out);
        pt_comparison_release(&comparison);
    }
    pt_buf_release(&out);
}

/* As of its first snapshot, and compare it with what it was in the end. */
static void
look_back(int fd, struct pt_dossier *end)
{
    struct pt_reader *reader;
    struct pt_dossier then;

    if (pt_reader_open(&reader, fd, "fuzz", NULL) != PT_OK) {
        return;
    }
    if (pt_instants_rewind(reader, "#0") == PT_OK &&
        pt_dossier_init(&then, reader, "fuzz") == PT_OK) {
        compare(&then, end);
        pt_dossier_release(&then);
    }
    pt_reader_close(reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pt_reader *reader;
    struct pt_dossier dossier;
    int fd = forge(data, size, WANTED);

    if (nowhere < 0) {
        nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    }
    if (fd < 0 || pt_reader_open(&reader, fd, "fuzz", NULL) != PT_OK) {
        close(fd);
        return 0;
    }
    look_at_all(reader, fd);
    if (pt_dossier_init(&dossier, reader, "fuzz") == PT_OK) {
        export_all(&dossier);
        hunt(&dossier);
        look_back(fd, &dossier);
        pt_dossier_release(&dossier);
    }
    pt_reader_close(reader);
    close(fd);
    return 0;
}
