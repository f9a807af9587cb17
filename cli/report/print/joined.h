/* SPDX-License-Identifier: MIT */
/* joined.h - lines with their hits, and memory or time beside these. */
#ifndef PT_CLI_REPORT_PRINT_JOINED_H
#define PT_CLI_REPORT_PRINT_JOINED_H

#include <stdint.h>

#include "cli/report/figures/snippet.h"
#include "cli/report/print/report.h"

/* What stands beside the hits. */
enum pt_joined_figure {
    PT_JOINED_KEPT,  // bytes live at the end
    PT_JOINED_TIME,
};

/* Append a table of `places` places to report->out: hits, a figure, the same
 * per hit, the line and its text. Hits are blank where none are counted. */
void pt_joined_add(struct pt_report *report, enum pt_joined_figure figure,
                   const struct pt_place *place, uint32_t places,
                   struct pt_snippets *snippets);

#endif
