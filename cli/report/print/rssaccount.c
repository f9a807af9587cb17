/* SPDX-License-Identifier: MIT */
/* rssaccount.c - moments of a process beside each other. */
#include "cli/report/print/rssaccount.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/report/figures/momentlist.h"
#include "cli/report/text/size_text.h"

#define COLUMNS_MAX 3

struct column {
    char title[24];
    struct pt_moment moment;
};

struct account {
    struct column column[COLUMNS_MAX];
    int columns;
};

/* The next column; its moment is to be filled in. */
static struct pt_moment *
add_column(struct account *account, const char *title)
{
    struct column *column = &account->column[account->columns++];

    snprintf(column->title, sizeof(column->title), "%s", title);
    return &column->moment;
}

static double
seconds_of(const struct pt_reader *reader, const struct pt_moment *moment)
{
    uint64_t start_ns = pt_reader_header(reader)->start_ns;

    return moment->at_ns > start_ns ? (double)(moment->at_ns - start_ns) / 1e9
                                    : 0;
}

/* 0 when there is no moment at all. */
static int
find_columns(const struct pt_report *report, uint32_t process,
             struct account *account)
{
    const struct pt_reader *reader = report->reader;
    struct pt_moment *moment;

    *account = (struct account){.columns = 0};
    if (!pt_momentlist_peak(reader, process, add_column(account, "peak"))) {
        return 0;
    }
    if (report->options->has_at) {
        moment = add_column(account, "");
        (void)pt_momentlist_nearest(
            reader, process, report->header->start_ns + report->options->at_ns,
            moment);
        snprintf(account->column[1].title, sizeof(account->column[1].title),
                 "at %.3f s", seconds_of(reader, moment));
    }
    return pt_momentlist_end(reader, process, add_column(account, "end"));
}

static void
add_row(struct pt_buf *out, const char *name, const struct account *account,
        const uint64_t *first)
{
    // The same figure of the other moments lies as far from it.
    const char *at = (const char *)first;

    pt_buf_add_format(out, "  %-20s", name);
    for (int i = 0; i < account->columns; i++) {
        const uint64_t *bytes =
            (const void *)(at + (size_t)i * sizeof(struct column));

        pt_buf_add_format(out, "%13s", pt_size_text((double)*bytes).text);
    }
    pt_buf_add_char(out, '\n');
}

/* An estimate has a mark, as in all columns. */
static void
add_titles(struct pt_buf *out, const struct account *account)
{
    pt_buf_add_format(out, "\n  %-20s", "");
    for (int i = 0; i < account->columns; i++) {
        const struct column *column = &account->column[i];
        char title[40];

        snprintf(title, sizeof(title), "%s%s",
                 column->moment.flags & PT_MOMENT_EXACT ? "" : "~",
                 column->title);
        pt_buf_add_format(out, "%13s", title);
    }
    pt_buf_add_char(out, '\n');
}

/* "  unexplained   12 KiB   12 KiB", and beneath "  of all  0.1%   0.1%". */
static void
add_unexplained(struct pt_buf *out, const struct account *account)
{
    pt_buf_add_format(out, "  %-20s", "unexplained");
    for (int i = 0; i < account->columns; i++) {
        const struct pt_moment *moment = &account->column[i].moment;

        pt_buf_add_format(
            out, "%13s",
            pt_size_text((double)pt_momentlist_unexplained(moment)).text);
    }
    pt_buf_add_format(out, "\n  %-20s", "  of all");
    for (int i = 0; i < account->columns; i++) {
        const struct pt_moment *moment = &account->column[i].moment;
        double rest = (double)pt_momentlist_unexplained(moment);
        double whole = (double)moment->rss_bytes;

        pt_buf_add_format(out, "%12.1f%%",
                          whole != 0 ? rest / whole * 100 : 0);
    }
    pt_buf_add_char(out, '\n');
}

static void
add_account(struct pt_report *report, const struct pt_process *process,
            const struct account *account)
{
    const struct pt_moment *first = &account->column[0].moment;
    struct pt_buf *out = &report->out;

    pt_buf_add_text(out, "\nresident memory");
    if (report->sum.shares > 1) {
        pt_buf_add_format(out, " of process %" PRIu32, process->pid);
    }
    add_titles(out, account);
    for (int i = 0; i < PT_ROWS; i++) {
        add_row(out, pt_momentlist_row[i], account, &first->row_bytes[i]);
    }
    add_unexplained(out, account);
    add_row(out, "in all", account, &first->rss_bytes);
    add_row(out, "highest until then", account, &first->highest_bytes);
    add_row(out, "asked for, untouched", account, &first->untouched_bytes);
    pt_buf_add_text(out, "\njemalloc's own figures\n");
    for (int i = 0; i < PT_STATS; i++) {
        add_row(out, pt_momentlist_stat[i], account, &first->stat_bytes[i]);
    }
}

void
pt_rssaccount_add_all(struct pt_report *report)
{
    for (uint32_t i = 0; i < report->sum.shares; i++) {
        const struct pt_process *process = report->sum.share[i].record;
        struct account account;

        if (find_columns(report, process->number, &account)) {
            add_account(report, process, &account);
        }
    }
}

void
pt_rssaccount_add_json(const struct pt_moment *moment, struct pt_buf *out)
{
    pt_buf_add_format(
        out, "\"is_exact\": %s, \"rss\": %" PRIu64 ", \"rows\": {",
        moment->flags & PT_MOMENT_EXACT ? "true" : "false", moment->rss_bytes);
    for (int i = 0; i < PT_ROWS; i++) {
        pt_buf_add_format(out, "\"%s\": %" PRIu64 ", ",
                          pt_momentlist_row_key[i], moment->row_bytes[i]);
    }
    pt_buf_add_format(out,
                      "\"unexplained\": %" PRId64 "}, \"untouched\": %" PRIu64
                      ", \"highest_rss\": %" PRIu64 ", \"jemalloc\": {",
                      pt_momentlist_unexplained(moment),
                      moment->untouched_bytes, moment->highest_bytes);
    for (int i = 0; i < PT_STATS; i++) {
        pt_buf_add_format(out, "%s\"%s\": %" PRIu64, i != 0 ? ", " : "",
                          pt_momentlist_stat[i], moment->stat_bytes[i]);
    }
    pt_buf_add_char(out, '}');
}

/* How many moments a process has, and at how many pages were counted. */
static uint32_t
count_moments(const struct pt_reader *reader, uint32_t process,
              uint32_t *exact)
{
    struct pt_momentlist list = pt_momentlist_of(reader, process);
    struct pt_moment moment;
    uint32_t count = 0;

    *exact = 0;
    while (pt_momentlist_next(&list, &moment)) {
        count++;
        *exact += (moment.flags & PT_MOMENT_EXACT) != 0;
    }
    return count;
}

void
pt_rssaccount_add_info(const struct pt_reader *reader, struct pt_buf *out)
{
    for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
        struct pt_moment peak, end;
        uint32_t exact, count = count_moments(reader, i, &exact);

        if (count == 0 || !pt_momentlist_peak(reader, i, &peak) ||
            !pt_momentlist_end(reader, i, &end)) {
            continue;
        }
        pt_buf_add_format(out,
                          "resident      of process %u at %u moments (%u by "
                          "pages): %s at %.3f s",
                          i, count, exact,
                          pt_size_text((double)peak.rss_bytes).text,
                          seconds_of(reader, &peak));
        pt_buf_add_format(out, ", %s at %.3f s\n",
                          pt_size_text((double)end.rss_bytes).text,
                          seconds_of(reader, &end));
    }
}

void
pt_rssaccount_add_info_json(const struct pt_reader *reader, struct pt_buf *out)
{
    const char *separator = "";

    for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
        struct pt_moment moment;
        uint32_t exact, count = count_moments(reader, i, &exact);

        if (count == 0 || !pt_momentlist_peak(reader, i, &moment)) {
            continue;
        }
        pt_buf_add_format(out,
                          "%s\n  {\"process\": %u, \"moments\": %u, "
                          "\"exact\": %u, \"peak\": {\"time\": %.6f, ",
                          separator, i, count, exact,
                          seconds_of(reader, &moment));
        pt_rssaccount_add_json(&moment, out);
        if (pt_momentlist_end(reader, i, &moment)) {
            pt_buf_add_format(out, "}, \"end\": {\"time\": %.6f, ",
                              seconds_of(reader, &moment));
            pt_rssaccount_add_json(&moment, out);
        }
        pt_buf_add_text(out, "}}");
        separator = ",";
    }
}
