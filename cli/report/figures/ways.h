/* SPDX-License-Identifier: MIT */
/* ways.h - where a line went on to, for a line that decides. */
#ifndef PT_CLI_REPORT_FIGURES_WAYS_H
#define PT_CLI_REPORT_FIGURES_WAYS_H

#include <stdint.h>

#include "cli/report/figures/arctable.h"
#include "core/base/buf.h"

#define PT_WAYS_COLUMN_BYTES 26u

struct pt_ways {
    const struct pt_arc_sum *arc;  // from the line, not all of them ways
    uint32_t arcs;
    uint32_t ways;   // 0: nothing is decided here
    uint32_t taken;  // of them
};

/* The ways out of `line`, found among a file's `arc` from *at on; *at moves
 * behind them. Borrows the arcs. */
void pt_ways_collect(struct pt_ways *ways, const struct pt_arc_sum *arc,
                     uint32_t arcs, uint32_t *at, uint32_t line);

/* The way behind `after`, or the first if that is NULL; NULL behind the
 * last. */
const struct pt_arc_sum *pt_ways_next(const struct pt_ways *ways,
                                      const struct pt_arc_sum *after);

/* Append a column of exactly PT_WAYS_COLUMN_BYTES, " 6:3 exit:1": lines gone
 * to and how often, cut where they are too many, behind a '!' if one of them
 * was never taken; blanks for a line that did not run. */
void pt_ways_add_column(struct pt_buf *out, const struct pt_ways *ways,
                        int has_run);

#endif
