/* SPDX-License-Identifier: MIT */
/* out_calls.h - who called whom: as trace prints it, and as a graph. */
#ifndef PT_CLI_REPORT_PRINT_OUT_CALLS_H
#define PT_CLI_REPORT_PRINT_OUT_CALLS_H

#include "cli/report/print/report.h"

/* Append what options->callgraph asks for, or trace's "calling relationships",
 * to report->out. */
void pt_out_calls(struct pt_report *report);

#endif
