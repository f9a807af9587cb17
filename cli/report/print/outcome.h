/* SPDX-License-Identifier: MIT */
/* outcome.h - how a program ended and what befell its recording, in words. */
#ifndef PT_CLI_REPORT_PRINT_OUTCOME_H
#define PT_CLI_REPORT_PRINT_OUTCOME_H

#include "cli/report/print/report.h"

/* Append how the program ended: "ended normally", "ended with status 3",
 * "was killed by SIGKILL". */
void pt_outcome_add_end(struct pt_buf *buf, const struct pt_header *header);

/* Append how a process other than the program ended, as far as it is known. */
void pt_outcome_add_fork(struct pt_buf *buf, const struct pt_process *process);

/* Append which process it is and how it ended: "the program, which ended
 * normally", "forked; reached its end", in a combined recording
 * "'b.pytrace', which was killed by SIGKILL". */
void pt_outcome_add_process(struct pt_buf *buf, const struct pt_reader *reader,
                            uint32_t process, enum pt_escape escape);

/* Say on stderr which engine and tier gave the figures, unless there are only
 * listings and stderr is no terminal; how the program ended if not normally,
 * and what is missing from the figures. */
void pt_outcome_say(const struct pt_report *report);

#endif
