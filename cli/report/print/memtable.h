/* SPDX-License-Identifier: MIT */
/* memtable.h - tables of who holds memory, in tracemalloc's words. */
#ifndef PT_CLI_REPORT_PRINT_MEMTABLE_H
#define PT_CLI_REPORT_PRINT_MEMTABLE_H

#include "cli/report/print/report.h"

/* Append the tables asked for to report->out: what is kept at the end, what
 * was held at the peak, what was allocated and freed. */
void pt_memtable_add_all(struct pt_report *report);

#endif
