/* SPDX-License-Identifier: MIT */
/* out_processes.c - figures of processes side by side.
 *
 * One process is added up after the other, and of each only the rows of the
 * tables are kept.
 */
#include "cli/report/print/out_processes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/figures/places.h"
#include "cli/report/figures/snippet.h"
#include "cli/report/print/outcome.h"
#include "cli/report/text/size_text.h"
#include "core/base/rawmem.h"

#define COLUMNS_MAX 8u  // what comes behind them is added up
#define SNIPPET_BYTES_MAX 60u

enum figure { FIGURE_HITS, FIGURE_KEPT };

/* The top lines by one figure: row i has `columns` values from
 * value[i * columns], one for each process and maybe one for the rest. */
struct table {
    struct pt_report *report;
    enum figure figure;
    const struct pt_place **place;  // rows; room for all places
    uint32_t rows;
    uint32_t columns;
    struct pt_amount *value;  // of hits they are the blocks
};

static struct pt_amount
value_of(const struct table *table, const struct pt_place *place)
{
    return table->figure == FIGURE_KEPT
               ? place->memory.live
               : (struct pt_amount){.blocks = place->hits};
}

static int
has_value(struct pt_amount value)
{
    return value.blocks != 0 || value.bytes != 0;
}

/* Tables of memory are of the files of --mem-filter and --mem-omit. */
static int
is_shown(const struct table *table, const struct pt_place *place)
{
    const struct pt_filter *filter = &table->report->options->mem.filter;
    const char *path = table->report->sum.file[place->file].path;

    return has_value(value_of(table, place)) &&
           (table->figure == FIGURE_HITS || pt_filter_takes(filter, path));
}

static int
choose_rows(struct table *table)
{
    const struct pt_aggregate *sum = &table->report->sum;
    uint32_t top = table->report->options->mem_top;

    table->place = pt_rawmem_array(sum->places, sizeof(*table->place));
    if (table->place == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < sum->places; i++) {
        if (is_shown(table, &sum->place[i])) {
            table->place[table->rows++] = &sum->place[i];
        }
    }
    if (table->rows != 0) {
        qsort(table->place, table->rows, sizeof(*table->place),
              table->figure == FIGURE_HITS ? pt_places_by_hits
                                           : pt_places_by_memory);
    }
    table->rows = table->rows < top ? table->rows : top;
    table->columns = sum->shares <= COLUMNS_MAX ? sum->shares
                                                : COLUMNS_MAX + 1;
    table->value = pt_rawmem_array((size_t)table->rows * table->columns + 1,
                                   sizeof(*table->value));
    return table->value != NULL ? PT_OK : PT_ERR_NOMEM;
}

/* Put what a process has into its column. */
static void
fill_column(struct table *table, const struct pt_aggregate *own,
            uint32_t column)
{
    const struct pt_aggregate *sum = &table->report->sum;

    for (uint32_t i = 0; i < table->rows; i++) {
        const struct pt_place *place = table->place[i];
        uint32_t file = pt_places_find(own, sum->file[place->file].path);
        struct pt_amount value;

        if (file == 0 && place->file != 0) {
            continue;
        }
        value = value_of(table, pt_aggregate_find(own, file, place->line));
        pt_amount_join(&table->value[i * table->columns + column], &value);
    }
}

static void
add_value(struct pt_buf *out, enum figure figure,
          const struct pt_amount *value)
{
    const char *text = figure == FIGURE_KEPT
                           ? pt_amount_column(value).text
                           : pt_count_text(value->blocks).text;

    pt_buf_add_format(out, "%10s  ", has_value(*value) ? text : "");
}

static void
add_row(const struct table *table, uint32_t row, struct pt_snippets *snippets)
{
    struct pt_report *report = table->report;
    const struct pt_place *place = table->place[row];
    struct pt_amount all = value_of(table, place);
    struct pt_buf name = PT_BUF_INIT, snippet = PT_BUF_INIT;

    add_value(&report->out, table->figure, &all);
    for (uint32_t i = 0; i < table->columns; i++) {
        add_value(&report->out, table->figure,
                  &table->value[row * table->columns + i]);
    }
    pt_naming_show(&report->naming, report->sum.file[place->file].path, &name);
    pt_escape_add(&report->out, pt_buf_text(&name), name.used, report->escape);
    pt_snippets_add(snippets, place->file, place->line, SNIPPET_BYTES_MAX,
                    report->escape, &snippet);
    pt_buf_add_format(&report->out, ":%" PRIu32 "%s%s\n", place->line,
                      snippet.used != 0 ? "  " : "", pt_buf_text(&snippet));
    pt_buf_release(&snippet);
    pt_buf_release(&name);
}

static void
add_table(const struct table *table, struct pt_snippets *snippets)
{
    struct pt_report *report = table->report;
    struct pt_buf *out = &report->out;

    if (table->rows == 0) {
        return;
    }
    pt_buf_add_format(out, "\n%s of each process\n%10s  ",
                      table->figure == FIGURE_KEPT ? "memory kept" : "hits",
                      "all");
    for (uint32_t i = 0; i < table->columns; i++) {
        if (i == COLUMNS_MAX) {
            pt_buf_add_format(out, "%10s  ", "others");
        }
        else {
            pt_buf_add_format(out, "%10" PRIu32 "  ",
                              report->sum.share[i].record->number);
        }
    }
    pt_buf_add_text(out, "line\n");
    for (uint32_t i = 0; i < table->rows; i++) {
        add_row(table, i, snippets);
    }
}

static uint64_t
hits_of(const struct pt_aggregate *sum)
{
    uint64_t hits = 0;

    for (uint32_t i = 0; i < sum->files; i++) {
        hits += sum->file[i].hits;
    }
    return hits;
}

/* One process, and which it is. */
static void
add_process(struct pt_report *report, const struct pt_aggregate *own)
{
    const struct pt_share *share = &own->share[0];
    const struct pt_process *record = share->record;
    struct pt_buf *out = &report->out;

    pt_buf_add_format(out, "%10" PRIu32 "  %10" PRIu32 "  ", record->number,
                      record->pid);
    if (report->header->wanted & PT_WANT_COUNT) {
        pt_buf_add_format(out, "%10s  ", pt_count_text(hits_of(own)).text);
    }
    if (report->header->wanted & PT_WANT_MEM) {
        pt_buf_add_format(
            out, "%10s  %10s  %10s  ",
            pt_amount_column(&share->memory.live).text,
            pt_size_text((double)pt_aggregate_peak_bytes(share)).text,
            pt_amount_column(&share->memory.allocated).text);
    }
    pt_outcome_add_process(out, report->reader, record->number,
                           report->escape);
    pt_buf_add_char(out, '\n');
}

static void
add_head(struct pt_report *report)
{
    pt_buf_add_format(&report->out, "\n%10s  %10s", "process", "pid");
    if (report->header->wanted & PT_WANT_COUNT) {
        pt_buf_add_format(&report->out, "  %10s", "hits");
    }
    if (report->header->wanted & PT_WANT_MEM) {
        pt_buf_add_format(&report->out, "  %10s  %10s  %10s", "kept", "peak",
                          "allocated");
    }
    pt_buf_add_char(&report->out, '\n');
}

static int
add_all(struct pt_report *report, struct table *hits, struct table *kept)
{
    int code = choose_rows(hits);

    if (code == PT_OK) {
        code = choose_rows(kept);
    }
    add_head(report);
    for (uint32_t i = 0; i < report->sum.shares && code == PT_OK; i++) {
        uint32_t column = i < COLUMNS_MAX ? i : COLUMNS_MAX;
        struct pt_aggregate own;

        code = pt_aggregate_init_process(&own, report->reader,
                                         report->sum.share[i].record->number);
        if (code == PT_OK) {
            add_process(report, &own);
            fill_column(hits, &own, column);
            fill_column(kept, &own, column);
            pt_aggregate_release(&own);
        }
    }
    return code;
}

void
pt_out_processes(struct pt_report *report)
{
    struct table hits = {.report = report, .figure = FIGURE_HITS};
    struct table kept = {.report = report, .figure = FIGURE_KEPT};
    struct pt_snippets snippets;
    int code = pt_snippets_init(&snippets, &report->sum, &report->naming);

    if (code != PT_OK) {
        report->out.failed = 1;
        return;
    }
    code = add_all(report, &hits, &kept);
    if (code == PT_OK) {
        add_table(&hits, &snippets);
        add_table(&kept, &snippets);
    }
    report->out.failed |= code != PT_OK;
    pt_rawmem_free(hits.place);
    pt_rawmem_free(hits.value);
    pt_rawmem_free(kept.place);
    pt_rawmem_free(kept.value);
    pt_snippets_release(&snippets);
}
