/* SPDX-License-Identifier: MIT */
/* rssaccount.h - what resident memory is made of. */
#ifndef PT_CLI_REPORT_PRINT_RSSACCOUNT_H
#define PT_CLI_REPORT_PRINT_RSSACCOUNT_H

#include "cli/report/print/report.h"

/* Append to report->out the account of each process that has one: at its peak
 * and at its end. */
void pt_rssaccount_add_all(struct pt_report *report);

#endif
