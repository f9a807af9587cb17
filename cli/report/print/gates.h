/* SPDX-License-Identifier: MIT */
/* gates.h - limits that a run must keep: --fail-under, -peak, -live, -leak.
 *
 * Each has an exit status of its own. On GitHub's CI (GITHUB_ACTIONS is set)
 * what is said is also an annotation, with the line that has most to do with
 * it.
 */
#ifndef PT_CLI_REPORT_PRINT_GATES_H
#define PT_CLI_REPORT_PRINT_GATES_H

#include "cli/report/print/report.h"

enum pt_gate {
    PT_GATE_UNDER = 2,
    PT_GATE_PEAK = 3,
    PT_GATE_LIVE = 4,
    PT_GATE_LEAK = 5,
};

/* Say that a gate is shut, and why. `place` is the line to look at, or NULL.
 */
void pt_gate_say(const struct pt_report *report, const struct pt_place *place,
                 const char *format, ...) PT_PRINTF(3, 4);

/* On GitHub's CI, write an annotation to stderr: of a line, or where `path`,
 * as it was recorded, is NULL of none. Files of the repository are called by
 * their place in it (below GITHUB_WORKSPACE), wherever the run started. */
void pt_gate_annotate(const struct pt_naming *naming, const char *path,
                      uint32_t line, const char *message);

/* Look at all that were asked for: the status of the first that is shut, or 0.
 * PT_ERR_NOMEM, PT_ERR_IO, or PT_ERR_RANGE where the recording has not what a
 * gate asks for; it was said. */
PT_MUST_CHECK int pt_gates_check(const struct pt_report *report);

#endif
