/* SPDX-License-Identifier: MIT */
/* out_diff.h - a comparison in tracemalloc's words, and as JSON. */
#ifndef PT_CLI_REPORT_PRINT_OUT_DIFF_H
#define PT_CLI_REPORT_PRINT_OUT_DIFF_H

#include <stdint.h>

#include "cli/report/figures/comparison.h"
#include "cli/report/text/escape.h"
#include "core/base/buf.h"

struct pt_diff_style {
    enum pt_comparison_group group;
    uint32_t top;  // entries of each table
    enum pt_escape escape;
};

/* Append the totals of both sides and the tables of what grew, shrank, was
 * newly executed, no longer is, or runs more or less often. */
void pt_out_diff(const struct pt_comparison *comparison,
                 const struct pt_diff_style *style, struct pt_buf *out);

/* Append all changes as one JSON object. */
void pt_out_diff_json(const struct pt_comparison *comparison,
                      const struct pt_diff_style *style, struct pt_buf *out);

#endif
