/* SPDX-License-Identifier: MIT */
/* summary.c - one row for each module listed. */
#include "cli/report/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rawmem.h"

#define FIRST_ROOM PT_SIZE(32u, 1u)

int
pt_summary_add(struct pt_summary *summary, const char *module,
               const char *path, const struct pt_listing_lines *lines)
{
    struct pt_summary_row *row;

    if (lines->shown == 0) {
        return PT_OK;
    }
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

static void
print_row(const struct pt_summary_row *row, struct pt_buf *out,
          enum pt_escape escape)
{
    uint64_t percent = 100 * row->lines.hit / row->lines.shown;

    pt_buf_add_format(out, "%5" PRIu64 "   %3" PRIu64 "%%   ",
                      row->lines.shown, percent);
    pt_escape_add(out, row->module, strlen(row->module), escape);
    pt_buf_add_text(out, "   (");
    pt_escape_add(out, row->path, strlen(row->path), escape);
    pt_buf_add_text(out, ")\n");
}

void
pt_summary_print(struct pt_summary *summary, struct pt_buf *out,
                 enum pt_escape escape)
{
    if (summary->rows == 0) {
        return;
    }
    qsort(summary->row, summary->rows, sizeof(*summary->row), compare_rows);
    pt_buf_add_text(out, "lines   cov%   module   (path)\n");
    for (uint32_t i = 0; i < summary->rows; i++) {
        int is_last =
            i + 1 == summary->rows ||
            strcmp(summary->row[i].module, summary->row[i + 1].module) != 0;

        if (is_last) {
            print_row(&summary->row[i], out, escape);
        }
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
