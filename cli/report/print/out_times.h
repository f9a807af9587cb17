/* SPDX-License-Identifier: MIT */
/* out_times.h - the lines that took the most time. */
#ifndef PT_CLI_REPORT_PRINT_OUT_TIMES_H
#define PT_CLI_REPORT_PRINT_OUT_TIMES_H

#include "cli/report/print/report.h"

/* Append the total and the top lines to report->out. */
void pt_out_times(struct pt_report *report);

#endif
