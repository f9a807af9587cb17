/* SPDX-License-Identifier: MIT */
/* out_processes.h - what --per-process prints: a row for each process, then
 * the top lines by hits and by memory kept with a column for each. */
#ifndef PT_CLI_REPORT_PRINT_OUT_PROCESSES_H
#define PT_CLI_REPORT_PRINT_OUT_PROCESSES_H

#include "cli/report/print/report.h"

/* Append it all to report->out. */
void pt_out_processes(struct pt_report *report);

#endif
