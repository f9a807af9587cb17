/* SPDX-License-Identifier: MIT */
/* rssaccount.h - what resident memory is made of. */
#ifndef PT_CLI_REPORT_PRINT_RSSACCOUNT_H
#define PT_CLI_REPORT_PRINT_RSSACCOUNT_H

#include "cli/report/print/report.h"

/* Append to report->out the account of each process that has one: at its peak,
 * at the time that was asked for, and at its end. */
void pt_rssaccount_add_all(struct pt_report *report);

/* Append one moment as members of a JSON object. */
void pt_rssaccount_add_json(const struct pt_moment *moment,
                            struct pt_buf *out);

/* For `pytrace info`: a line for each process, items of a JSON array. */
void pt_rssaccount_add_info(const struct pt_reader *reader,
                            struct pt_buf *out);
void pt_rssaccount_add_info_json(const struct pt_reader *reader,
                                 struct pt_buf *out);

#endif
