/* SPDX-License-Identifier: MIT */
/* memtable.c - one ledger, a ranking of it for each table. */
#include "cli/report/print/memtable.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report/figures/ranking.h"
#include "cli/report/figures/snippet.h"
#include "cli/report/print/joined.h"
#include "cli/report/print/nativegroups.h"
#include "cli/report/text/say.h"
#include "cli/report/text/size_text.h"
#include "cli/report/text/time_text.h"
#include "core/base/rawmem.h"

/* What the entries of a grouping are called. */
static const char *const one_of[] = {"line", "file", "function", "traceback"};
static const char *const many_of[] = {"lines", "files", "functions",
                                      "tracebacks"};

struct table {
    struct pt_report *report;
    const struct pt_ledger *ledger;
    struct pt_snippets *snippets;
    enum pt_ledger_sum sum;
    const char *title;
    struct pt_nativenames *native;  // of native memory; else NULL
};

static enum pt_ledger_group
group_of(const struct table *table)
{
    return table->report->options->mem.group;
}

/* The text of a frame's line, on a line of its own. */
static void
add_source(const struct table *table, const struct pt_entry *entry)
{
    struct pt_buf *out = &table->report->out;
    struct pt_buf text = PT_BUF_INIT;

    if (!table->report->options->with_source) {
        return;
    }
    pt_snippets_add(table->snippets, entry->file, entry->line,
                    PT_SNIPPET_WHOLE, table->report->escape, &text);
    if (text.used != 0) {
        pt_buf_add_format(out, "    %s\n", text.data);
    }
    out->failed |= text.failed;
    pt_buf_release(&text);
}

static void
add_path(const struct table *table, const struct pt_entry *entry)
{
    const char *path = table->ledger->aggregate->file[entry->file].path;

    pt_escape_add(&table->report->out, path, strlen(path),
                  table->report->escape);
}

/* str() of a traceback of one frame, and whose it is. */
static void
add_place(const struct table *table, const struct pt_entry *entry)
{
    struct pt_buf *out = &table->report->out;
    const struct pt_name *name = &table->ledger->name[entry->name];

    if (group_of(table) == PT_LEDGER_TRACEBACK) {
        return;
    }
    add_path(table, entry);
    pt_buf_add_format(out, ":%" PRIu32, entry->line);
    if (entry->name != 0) {
        pt_buf_add_text(out, " (");
        pt_escape_add(out, name->text, name->bytes, table->report->escape);
        pt_buf_add_char(out, ')');
    }
    pt_buf_add_text(out, ": ");
}

/* tracemalloc's Traceback.format(): the most recent call last. */
static void
add_frames(const struct table *table, const struct pt_entry *entry)
{
    struct pt_buf *out = &table->report->out;

    if (group_of(table) != PT_LEDGER_TRACEBACK) {
        add_source(table, entry);
        return;
    }
    while (entry != table->ledger->entry) {
        pt_buf_add_text(out, "  File \"");
        add_path(table, entry);
        pt_buf_add_format(out, "\", line %" PRIu32 "\n", entry->line);
        add_source(table, entry);
        entry = &table->ledger->entry[entry->next];
    }
}

/* "about " in front of the count of an estimate. */
static const char *
about(const struct pt_amount *amount)
{
    return amount->variance != 0 ? "about " : "";
}

/* str() of tracemalloc's Statistic, without its traceback. */
static void
add_amount(struct pt_buf *out, const struct pt_amount *amount)
{
    double average = (double)amount->bytes / (double)amount->blocks;

    pt_buf_add_format(out, "size=%s, count=%s%" PRIu64 ", average=%s\n",
                      pt_amount_text(amount).text, about(amount),
                      amount->blocks, pt_size_text(average).text);
}

/* Why the table cannot tell how long blocks lived; NULL if it can. */
static const char *
no_lifetimes(const struct pt_report *report)
{
    if (report->options->is_then) {
        return "lifetimes are known at the end of a run only";
    }
    if (report->header->wanted & PT_WANT_SAMPLE) {
        return "there are no lifetimes of a sample; run the program with "
               "--mem=exact";
    }
    if ((report->header->wanted & PT_WANT_LIFETIME) == 0) {
        return "lifetimes were not recorded; run the program again with "
               "--mem-lifetime";
    }
    return NULL;
}

static void
add_churn(const struct table *table, const struct pt_entry *entry)
{
    struct pt_buf *out = &table->report->out;
    const struct pt_amount *allocated = &entry->sum[PT_LEDGER_ALLOCATED];
    const struct pt_amount *kept = &entry->sum[PT_LEDGER_KEPT];
    struct pt_amount freed = *allocated;

    freed.bytes -= kept->bytes;
    freed.blocks -= kept->blocks;
    freed.variance -= kept->variance;  // other blocks than those kept
    pt_buf_add_format(
        out, "allocated=%s, count=%s%" PRIu64 "; freed=%s, count=%" PRIu64,
        pt_amount_text(allocated).text, about(allocated), allocated->blocks,
        pt_amount_column(&freed).text, freed.blocks);
    if (table->native == NULL &&
        (table->report->header->wanted & PT_WANT_TEMPORARY) != 0) {
        const struct pt_amount *temporary = &entry->sum[PT_LEDGER_TEMPORARY];

        pt_buf_add_format(out, "; temporary=%s, count=%" PRIu64,
                          pt_amount_text(temporary).text, temporary->blocks);
    }
    if (table->report->options->with_lifetime &&
        no_lifetimes(table->report) == NULL && entry->lived.blocks != 0) {
        pt_buf_add_format(
            out, "; lifetime=%s",
            pt_time_text((double)entry->lived.ns / (double)entry->lived.blocks)
                .text);
    }
    pt_buf_add_char(out, '\n');
}

static void
add_entry(const struct table *table, const struct pt_entry *entry)
{
    add_place(table, entry);
    if (table->sum == PT_LEDGER_ALLOCATED) {
        add_churn(table, entry);
    }
    else {
        add_amount(&table->report->out, &entry->sum[table->sum]);
    }
    add_frames(table, entry);
    if (table->native != NULL) {
        pt_nativegroups_add(table->native, table->ledger,
                            (uint32_t)(entry - table->ledger->entry),
                            table->report->escape, &table->report->out);
    }
}

/* The entries below the table. Of cumulative ones a sum would mean nothing. */
static void
add_rest(const struct table *table, const struct pt_ranking *ranking,
         uint32_t shown)
{
    struct pt_buf *out = &table->report->out;
    uint32_t rest = ranking->entries - shown;
    uint64_t bytes = 0;

    if (rest == 0) {
        return;
    }
    for (uint32_t i = shown; i < ranking->entries; i++) {
        bytes += ranking->entry[i]->sum[table->sum].bytes;
    }
    pt_buf_add_format(out, "%s more %s", pt_count_text(rest).text,
                      rest == 1 ? one_of[group_of(table)]
                                : many_of[group_of(table)]);
    if (!table->report->options->mem.is_cumulative) {
        pt_buf_add_format(out, ": %s=%s",
                          table->sum == PT_LEDGER_ALLOCATED ? "allocated"
                                                            : "size",
                          pt_size_text((double)bytes).text);
    }
    pt_buf_add_char(out, '\n');
}

/* The lines of the table once more, beside their hits. */
static void
add_joined(const struct table *table, const struct pt_ranking *ranking,
           uint32_t shown)
{
    struct pt_place *place = pt_rawmem_array(shown, sizeof(*place));

    if (place == NULL) {
        table->report->out.failed = 1;
        return;
    }
    for (uint32_t i = 0; i < shown; i++) {
        const struct pt_entry *entry = ranking->entry[i];

        place[i] = *pt_aggregate_find(table->ledger->aggregate, entry->file,
                                      entry->line);
        place[i].file = entry->file;
        place[i].line = entry->line;
        place[i].memory.live = entry->sum[PT_LEDGER_KEPT];
    }
    pt_joined_add(table->report, PT_JOINED_KEPT, place, shown,
                  table->snippets);
    pt_rawmem_free(place);
}

static const char *
kind_of(const struct table *table)
{
    return table->native == NULL                                  ? ""
           : table->native->sites.what == PT_NATIVESITES_MAPPINGS ? "mapped "
                                                                  : "native ";
}

static void
add_table(const struct table *table)
{
    struct pt_report *report = table->report;
    const struct pt_report_options *options = report->options;
    uint32_t shown = options->mem_top;
    struct pt_ranking ranking;

    if (pt_ranking_init(&ranking, table->ledger, table->sum) != PT_OK) {
        report->out.failed = 1;
        return;
    }
    shown = shown < ranking.entries ? shown : ranking.entries;
    if (shown != 0) {
        pt_buf_add_format(
            &report->out, "\ntop %s by %smemory %s%s%s\n",
            shown == 1 ? one_of[group_of(table)] : many_of[group_of(table)],
            kind_of(table), table->title,
            options->mem.is_cumulative ? ", cumulative" : "",
            (report->header->wanted & PT_WANT_SAMPLE) != 0 ? ", estimated"
                                                           : "");
        for (uint32_t i = 0; i < shown; i++) {
            add_entry(table, ranking.entry[i]);
        }
        add_rest(table, &ranking, shown);
    }
    if (shown != 0 && table->sum == PT_LEDGER_KEPT && table->native == NULL &&
        group_of(table) == PT_LEDGER_LINENO &&
        (report->header->wanted & PT_WANT_COUNT) != 0) {
        add_joined(table, &ranking, shown);
    }
    pt_ranking_release(&ranking);
}

static void
add_tables(struct pt_report *report, const struct pt_ledger *ledger,
           struct pt_snippets *snippets, struct pt_nativenames *native)
{
    struct table table = {report,         ledger, snippets,
                          PT_LEDGER_KEPT, "kept", native};

    if (!report->options->only_peak) {
        add_table(&table);
    }
    // Peaks are those of Python's memory; native memory has the account's.
    if (report->options->with_peak && native == NULL) {
        table.sum = PT_LEDGER_PEAK;
        table.title = "at the peak";
        add_table(&table);
    }
    if (report->options->with_lifetime && native == NULL &&
        no_lifetimes(report) != NULL) {
        pt_say("%s", no_lifetimes(report));
    }
    if (report->options->with_churn || report->options->with_lifetime) {
        table.sum = PT_LEDGER_ALLOCATED;
        table.title = "allocated";
        add_table(&table);
    }
}

/* The tables of Python's memory, or with `native` those of libraries. */
static void
add_ledger(struct pt_report *report, struct pt_nativenames *native)
{
    struct pt_ledger_options options = report->options->mem;
    struct pt_ledger ledger;
    struct pt_snippets snippets;

    options.native = native != NULL ? &native->sites : NULL;
    if (pt_ledger_init(&ledger, report->reader, &report->sum, &options) !=
        PT_OK) {
        report->out.failed = 1;
        return;
    }
    if (pt_snippets_init(&snippets, &report->sum, &report->naming) != PT_OK) {
        report->out.failed = 1;
    }
    else {
        add_tables(report, &ledger, &snippets, native);
        pt_snippets_release(&snippets);
    }
    pt_ledger_release(&ledger);
}

static void
add_native(struct pt_report *report, enum pt_nativesites_what what)
{
    struct pt_nativenames names;

    if (pt_nativenames_init(&names, what) != PT_OK) {
        report->out.failed = 1;
        return;
    }
    add_ledger(report, &names);
    pt_nativenames_release(&names);
}

void
pt_memtable_add_all(struct pt_report *report)
{
    add_ledger(report, NULL);
    if ((report->header->wanted & PT_WANT_NATIVE) != 0) {
        add_native(report, PT_NATIVESITES_BLOCKS);
        add_native(report, PT_NATIVESITES_MAPPINGS);
    }
}
