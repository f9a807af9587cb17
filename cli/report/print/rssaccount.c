/* SPDX-License-Identifier: MIT */
/* rssaccount.c - two moments of a process beside each other. */
#include "cli/report/print/rssaccount.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report/text/size_text.h"

/* A moment whose pages were counted stands for one that was estimated, and had
 * up to a 50th more. */
#define NEARLY(bytes) ((bytes) - (bytes) / 50)

static const char *const row_name[PT_ROWS] = {
    [PT_ROW_PYTHON] = "Python",
    [PT_ROW_LIBRARY] = "libraries, malloc",
    [PT_ROW_MAPPED] = "libraries, mmap",
    [PT_ROW_SLACK] = "allocator's slack",
    [PT_ROW_FILES] = "code and files",
    [PT_ROW_STACKS] = "stacks",
    [PT_ROW_TOOL] = "pytrace",
};

static const char *const stat_name[PT_STATS] = {
    [PT_STAT_ALLOCATED] = "allocated", [PT_STAT_ACTIVE] = "active",
    [PT_STAT_METADATA] = "metadata",   [PT_STAT_RESIDENT] = "resident",
    [PT_STAT_MAPPED] = "mapped",       [PT_STAT_RETAINED] = "retained",
};

struct account {
    struct pt_moment peak;
    struct pt_moment end;
    uint64_t highest_bytes;  // of all moments
};

static int
read_moment(const struct pt_reader *reader, uint32_t process, uint32_t id,
            struct pt_moment *moment)
{
    const void *found = pt_reader_item(reader, process, PT_SEGMENT_MOMENT, id);

    if (found == NULL) {
        return 0;
    }
    memcpy(moment, found, sizeof(*moment));
    return moment->at_ns != 0;
}

/* 0 when there is no moment at all. */
static int
find_moments(const struct pt_reader *reader, uint32_t process,
             struct account *account)
{
    uint32_t moments = pt_reader_items(reader, process, PT_SEGMENT_MOMENT);
    struct pt_moment moment;
    int has_any = 0;

    *account = (struct account){0};
    for (uint32_t id = 1; id < moments; id++) {
        if (read_moment(reader, process, id, &moment)) {
            has_any = 1;
            account->end = moment;
            if (moment.rss_bytes > account->highest_bytes) {
                account->highest_bytes = moment.rss_bytes;
            }
        }
    }
    for (uint32_t id = 1; id < moments; id++) {
        uint64_t least = NEARLY(account->highest_bytes);

        if (read_moment(reader, process, id, &moment) &&
            moment.rss_bytes >= least &&
            (moment.flags & PT_MOMENT_EXACT) >=
                (account->peak.flags & PT_MOMENT_EXACT) &&
            (moment.rss_bytes > account->peak.rss_bytes ||
             (moment.flags & PT_MOMENT_EXACT) >
                 (account->peak.flags & PT_MOMENT_EXACT))) {
            account->peak = moment;
        }
    }
    return has_any;
}

static int64_t
unexplained(const struct pt_moment *moment)
{
    uint64_t sum = 0;

    for (int i = 0; i < PT_ROWS; i++) {
        sum += moment->row_bytes[i];
    }
    return (int64_t)(moment->rss_bytes - sum);
}

static void
add_row(struct pt_buf *out, const char *name, double peak, double end)
{
    pt_buf_add_format(out, "  %-20s%12s%12s\n", name, pt_size_text(peak).text,
                      pt_size_text(end).text);
}

/* "  unexplained   12 KiB (0.1%)   12 KiB (0.1%)" */
static void
add_unexplained(struct pt_buf *out, const struct account *account)
{
    const struct pt_moment *moments[] = {&account->peak, &account->end};

    pt_buf_add_format(out, "  %-20s", "unexplained");
    for (int i = 0; i < 2; i++) {
        double rest = (double)unexplained(moments[i]);
        double whole = (double)moments[i]->rss_bytes;

        pt_buf_add_format(out, "%12s", pt_size_text(rest).text);
        pt_buf_add_format(out, " (%.1f%%)",
                          whole != 0 ? rest / whole * 100 : 0);
    }
    pt_buf_add_char(out, '\n');
}

static void
add_account(struct pt_report *report, const struct pt_process *process,
            const struct account *account)
{
    const struct pt_moment *peak = &account->peak, *end = &account->end;
    struct pt_buf *out = &report->out;
    const char *is_about = peak->flags & PT_MOMENT_EXACT ? "" : "about";

    pt_buf_add_text(out, "\nresident memory");
    if (report->sum.shares > 1) {
        pt_buf_add_format(out, " of process %" PRIu32, process->pid);
    }
    pt_buf_add_format(out, "\n  %-20s%6s%6s%12s\n", "", is_about, "peak",
                      end->flags & PT_MOMENT_EXACT ? "end" : "about end");
    for (int i = 0; i < PT_ROWS; i++) {
        add_row(out, row_name[i], (double)peak->row_bytes[i],
                (double)end->row_bytes[i]);
    }
    add_unexplained(out, account);
    add_row(out, "in all", (double)peak->rss_bytes, (double)end->rss_bytes);
    add_row(out, "highest until then", (double)peak->highest_bytes,
            (double)end->highest_bytes);
    add_row(out, "asked for, untouched", (double)peak->untouched_bytes,
            (double)end->untouched_bytes);
    pt_buf_add_text(out, "\njemalloc's own figures\n");
    for (int i = 0; i < PT_STATS; i++) {
        add_row(out, stat_name[i], (double)peak->stat_bytes[i],
                (double)end->stat_bytes[i]);
    }
}

void
pt_rssaccount_add_all(struct pt_report *report)
{
    for (uint32_t i = 0; i < report->sum.shares; i++) {
        const struct pt_process *process = report->sum.share[i].record;
        struct account account;

        if (find_moments(report->reader, process->number, &account)) {
            add_account(report, process, &account);
        }
    }
}
