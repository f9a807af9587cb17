/* SPDX-License-Identifier: MIT */
/* missed.h - which line counts are uncertain or missing, in words. */
#ifndef PT_CLI_REPORT_PRINT_MISSED_H
#define PT_CLI_REPORT_PRINT_MISSED_H

#include "cli/report/print/report.h"

/* Say on stderr which functions could not be counted, and, of a process that
 * did not reach its end, how far its counts can be trusted. */
void pt_missed_say(const struct pt_report *report);

#endif
