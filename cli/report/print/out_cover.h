/* SPDX-License-Identifier: MIT */
/* out_cover.h - listings in .cover files, and the summary. */
#ifndef PT_CLI_REPORT_PRINT_OUT_COVER_H
#define PT_CLI_REPORT_PRINT_OUT_COVER_H

#include "cli/report/print/report.h"

/* Write the listing of every source that has hits, and append the summary to
 * report->out if it is wanted. Each failure is said, and noted in the report;
 * the other listings are written. */
void pt_out_cover(struct pt_report *report);

#endif
