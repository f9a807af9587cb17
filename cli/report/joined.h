/* SPDX-License-Identifier: MIT */
/* joined.h - lines with what both engines know of them: hits and memory. */
#ifndef PT_CLI_REPORT_JOINED_H
#define PT_CLI_REPORT_JOINED_H

#include <stdint.h>

#include "cli/report/report.h"
#include "cli/report/snippet.h"

/* Append a table of `places` places to report->out: hits, bytes kept, bytes
 * kept per hit, the line and its text. Hits are blank where none are counted.
 */
void pt_joined_add(struct pt_report *report, const struct pt_place *place,
                   uint32_t places, struct pt_snippets *snippets);

#endif
