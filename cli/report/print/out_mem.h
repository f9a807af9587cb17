/* SPDX-License-Identifier: MIT */
/* out_mem.h - memory statistics: totals, and the lines that hold the most. */
#ifndef PT_CLI_REPORT_PRINT_OUT_MEM_H
#define PT_CLI_REPORT_PRINT_OUT_MEM_H

#include "cli/report/print/report.h"

/* Append the memory statistics to report->out. */
void pt_out_mem(struct pt_report *report);

#endif
