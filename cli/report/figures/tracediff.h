/* SPDX-License-Identifier: MIT */
/* tracediff.h - what tracebacks hold more or less from one recording to
 * another.
 *
 * Tracebacks are the same when all their lines are, as comparison.h says which
 * lines are. A line that is met nowhere else (no memory was asked for in it
 * and its hits were not counted) is that of the same function with the same
 * distance from its first line.
 */
#ifndef PT_CLI_REPORT_FIGURES_TRACEDIFF_H
#define PT_CLI_REPORT_FIGURES_TRACEDIFF_H

#include <stdint.h>

#include "cli/report/figures/comparison.h"
#include "cli/report/figures/stacks.h"

struct pt_trace_side {
    uint64_t bytes;
    uint64_t blocks;
    uint32_t entry;  // of the stack in its recording; 0: it is not there
};

struct pt_trace_change {
    struct pt_trace_side before;
    struct pt_trace_side after;
};

struct pt_tracediff {
    struct pt_stacks before;
    struct pt_stacks after;
    struct pt_trace_change *change;  // those that differ, largest first
    uint32_t changes;
};

/* Compare; dossiers and filter, which is that of the innermost frame, must
 * outlive it. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_tracediff_init(struct pt_tracediff *diff,
                                    struct pt_dossier *before,
                                    struct pt_dossier *after,
                                    const struct pt_filter *filter);

/* Give it all back. Harmless on a released one. */
void pt_tracediff_release(struct pt_tracediff *diff);

#endif
