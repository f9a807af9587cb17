/* SPDX-License-Identifier: MIT */
/* out_tracediff.h - tracebacks that hold more or less, in tracemalloc's words,
 * and as JSON. */
#ifndef PT_CLI_REPORT_PRINT_OUT_TRACEDIFF_H
#define PT_CLI_REPORT_PRINT_OUT_TRACEDIFF_H

#include <stdint.h>

#include "cli/report/figures/tracediff.h"
#include "cli/report/text/escape.h"
#include "core/base/buf.h"

/* Append the `top` largest changes of each direction. */
void pt_out_tracediff(const struct pt_tracediff *diff, uint32_t top,
                      enum pt_escape escape, struct pt_buf *out);

/* Append all changes as one JSON object. */
void pt_out_tracediff_json(const struct pt_tracediff *diff,
                           struct pt_buf *out);

#endif
