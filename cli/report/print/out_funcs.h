/* SPDX-License-Identifier: MIT */
/* out_funcs.h - the functions that were called, as trace --listfuncs says. */
#ifndef PT_CLI_REPORT_PRINT_OUT_FUNCS_H
#define PT_CLI_REPORT_PRINT_OUT_FUNCS_H

#include "cli/report/print/report.h"

/* Append the list to report->out. A function was called if a line of it ran;
 * its class is part of its name if it has one. */
void pt_out_funcs(struct pt_report *report);

#endif
