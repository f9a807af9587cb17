/* SPDX-License-Identifier: MIT */
/* summary.c - one row for each module listed, in three formats. */
#include "cli/report/print/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/text/json.h"
#include "core/base/rawmem.h"

#define FIRST_ROOM PT_SIZE(32u, 1u)

int
pt_summary_add(struct pt_summary *summary, const char *module,
               const char *path, const struct pt_listing_lines *lines)
{
    struct pt_summary_row *row;

    if (lines->shown == 0 && lines->missing == 0) {
        return PT_OK;
    }
    summary->total.hit += lines->hit;
    summary->total.missing += lines->missing;
    summary->total.shown += lines->shown;
    summary->total.ways += lines->ways;
    summary->total.taken += lines->taken;
    summary->total.partial += lines->partial;
    if (summary->rows == summary->room) {
        uint32_t room = summary->room != 0 ? summary->room * 2 : FIRST_ROOM;

        row = pt_rawmem_resize(summary->row, room, sizeof(*row));
        if (row == NULL) {
            return PT_ERR_NOMEM;
        }
        summary->row = row;
        summary->room = room;
    }
    row = &summary->row[summary->rows];
    row->module = pt_rawmem_copy(module, strlen(module) + 1);
    row->path = pt_rawmem_copy(path, strlen(path) + 1);
    if (row->module == NULL || row->path == NULL) {
        pt_rawmem_free(row->module);
        pt_rawmem_free(row->path);
        return PT_ERR_NOMEM;
    }
    row->lines = *lines;
    row->number = summary->rows++;
    return PT_OK;
}

static int
compare_rows(const void *left, const void *right)
{
    const struct pt_summary_row *a = left, *b = right;
    int order = strcmp(a->module, b->module);

    if (order != 0) {
        return order;
    }
    return a->number < b->number ? -1 : a->number > b->number;
}

static uint64_t
percent_of(const struct pt_listing_lines *lines)
{
    return lines->shown != 0 ? 100 * lines->hit / lines->shown : 100;
}

static void
print_row(const struct pt_summary *summary, const struct pt_summary_row *row,
          struct pt_buf *out, enum pt_escape escape)
{
    if (summary->with_tenths) {
        pt_buf_add_format(out, "%5" PRIu64 "   %.1f%%   ", row->lines.shown,
                          (double)row->lines.hit / (double)row->lines.shown *
                              100);
    }
    else {
        pt_buf_add_format(out, "%5" PRIu64 "   %3" PRIu64 "%%   ",
                          row->lines.shown, percent_of(&row->lines));
    }
    if (summary->with_branches) {
        pt_buf_add_format(out, "%4" PRIu64 "   %5" PRIu64 "   %7" PRIu64 "   ",
                          row->lines.ways, row->lines.taken,
                          row->lines.partial);
    }
    pt_escape_add(out, row->module, strlen(row->module), escape);
    pt_buf_add_text(out, "   (");
    pt_escape_add(out, row->path, strlen(row->path), escape);
    pt_buf_add_text(out, ")\n");
}

static void
print_text(const struct pt_summary *summary, struct pt_buf *out,
           enum pt_escape escape)
{
    if (summary->total.shown == 0) {
        return;
    }
    pt_buf_add_text(out,
                    summary->with_branches
                        ? "lines   cov%   ways   taken   partial   module   "
                          "(path)\n"
                        : "lines   cov%   module   (path)\n");
    for (uint32_t i = 0; i < summary->rows; i++) {
        int is_last =
            i + 1 == summary->rows ||
            strcmp(summary->row[i].module, summary->row[i + 1].module) != 0;

        if (is_last && summary->row[i].lines.shown != 0) {
            print_row(summary, &summary->row[i], out, escape);
        }
    }
}

/* A cell: a bar would end it. */
static void
add_cell(struct pt_buf *out, const char *text, enum pt_escape escape)
{
    for (;;) {
        size_t bytes = strcspn(text, "|");

        pt_escape_add(out, text, bytes, escape);
        if (text[bytes] == '\0') {
            break;
        }
        pt_buf_add_text(out, "\\|");
        text += bytes + 1;
    }
}

/* The cells with figures, and the bar behind. */
static void
add_figures(const struct pt_summary *summary,
            const struct pt_listing_lines *lines, struct pt_buf *out)
{
    pt_buf_add_format(out, "| %" PRIu64 " | %" PRIu64 "%% | ", lines->shown,
                      percent_of(lines));
    if (summary->with_branches) {
        pt_buf_add_format(out, "%" PRIu64 " | %" PRIu64 " | %" PRIu64 " | ",
                          lines->ways, lines->taken, lines->partial);
    }
}

static void
print_markdown(const struct pt_summary *summary, struct pt_buf *out,
               enum pt_escape escape)
{
    pt_buf_add_text(out,
                    summary->with_branches
                        ? "| lines | cov% | ways | taken | partial | module | "
                          "path |\n"
                          "|------:|-----:|-----:|------:|--------:|--------|-"
                          "-----|\n"
                        : "| lines | cov% | module | path |\n"
                          "|------:|-----:|--------|------|\n");
    for (uint32_t i = 0; i < summary->rows; i++) {
        const struct pt_summary_row *row = &summary->row[i];

        add_figures(summary, &row->lines, out);
        add_cell(out, row->module, escape);
        pt_buf_add_text(out, " | ");
        add_cell(out, row->path, escape);
        pt_buf_add_text(out, " |\n");
    }
    add_figures(summary, &summary->total, out);
    pt_buf_add_text(out, "total | |\n");
}

static void
add_lines(const struct pt_summary *summary,
          const struct pt_listing_lines *lines, struct pt_buf *out)
{
    pt_buf_add_format(out,
                      "\"lines\": %" PRIu64 ", \"hit\": %" PRIu64
                      ", \"percent\": %" PRIu64,
                      lines->shown, lines->hit, percent_of(lines));
    if (summary->with_branches) {
        pt_buf_add_format(out,
                          ", \"ways\": %" PRIu64 ", \"taken\": %" PRIu64
                          ", \"partial\": %" PRIu64,
                          lines->ways, lines->taken, lines->partial);
    }
}

static void
print_json(const struct pt_summary *summary, struct pt_buf *out)
{
    pt_buf_add_text(out, "{\"modules\": [");
    for (uint32_t i = 0; i < summary->rows; i++) {
        const struct pt_summary_row *row = &summary->row[i];

        pt_buf_add_text(out,
                        i != 0 ? ",\n  {\"module\": " : "\n  {\"module\": ");
        pt_json_add(out, row->module);
        pt_buf_add_text(out, ", \"path\": ");
        pt_json_add(out, row->path);
        pt_buf_add_text(out, ", ");
        add_lines(summary, &row->lines, out);
        pt_buf_add_char(out, '}');
    }
    pt_buf_add_text(out, "\n ],\n \"total\": {");
    add_lines(summary, &summary->total, out);
    pt_buf_add_text(out, "}}\n");
}

void
pt_summary_print(struct pt_summary *summary, enum pt_summary_format format,
                 struct pt_buf *out, enum pt_escape escape)
{
    if (summary->rows != 0) {
        qsort(summary->row, summary->rows, sizeof(*summary->row),
              compare_rows);
    }
    switch (format) {
    case PT_SUMMARY_TEXT:
        print_text(summary, out, escape);
        break;
    case PT_SUMMARY_MARKDOWN:
        print_markdown(summary, out, escape);
        break;
    case PT_SUMMARY_JSON:
        print_json(summary, out);
        break;
    }
}

void
pt_summary_release(struct pt_summary *summary)
{
    for (uint32_t i = 0; i < summary->rows; i++) {
        pt_rawmem_free(summary->row[i].module);
        pt_rawmem_free(summary->row[i].path);
    }
    pt_rawmem_free(summary->row);
    *summary = (struct pt_summary){0};
}
