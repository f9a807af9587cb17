/* SPDX-License-Identifier: MIT */
/* summary.h - trace's table "lines cov% module (path)", and as data. */
#ifndef PT_CLI_REPORT_PRINT_SUMMARY_H
#define PT_CLI_REPORT_PRINT_SUMMARY_H

#include <stdint.h>

#include "cli/report/figures/listing.h"
#include "cli/report/text/escape.h"
#include "core/base/buf.h"
#include "core/base/error.h"

/* In the order of --summary-format. */
enum pt_summary_format {
    PT_SUMMARY_TEXT,
    PT_SUMMARY_MARKDOWN,
    PT_SUMMARY_JSON,
};

struct pt_summary_row {
    char *module;
    char *path;
    struct pt_listing_lines lines;
    uint32_t number;  // in the order of adding
};

struct pt_summary {
    struct pt_summary_row *row;
    uint32_t rows;
    uint32_t room;
    struct pt_listing_lines total;
    int with_branches;  // columns of them
    int with_tenths;    // of a percent in text, as trace of 3.14 and later
};

/* Add a module. One without lines is left out. PT_ERR_NOMEM: not added. */
PT_MUST_CHECK int pt_summary_add(struct pt_summary *summary,
                                 const char *module, const char *path,
                                 const struct pt_listing_lines *lines);

/* Append the table, sorted by module. As text it is trace's: of several rows
 * of one module the last is shown, and nothing if there are no rows. The other
 * formats have all rows, and a total. With branches there are columns for the
 * ways out of lines that decide, those taken, and lines with some not taken.
 */
void pt_summary_print(struct pt_summary *summary,
                      enum pt_summary_format format, struct pt_buf *out,
                      enum pt_escape escape);

/* Give the rows back. Harmless on released ones. */
void pt_summary_release(struct pt_summary *summary);

#endif
