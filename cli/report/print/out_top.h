/* SPDX-License-Identifier: MIT */
/* out_top.h - one screen about a run: the busiest and the heaviest lines. */
#ifndef PT_CLI_REPORT_PRINT_OUT_TOP_H
#define PT_CLI_REPORT_PRINT_OUT_TOP_H

#include <stdint.h>

#include "cli/report/figures/dossier.h"
#include "cli/report/text/escape.h"
#include "core/base/buf.h"

/* Append it, with so many lines in each table. `now_ns` is the time on the
 * monotonic clock, for runs that have not ended. PT_ERR_NOMEM. */
PT_MUST_CHECK int pt_out_top(struct pt_dossier *dossier, uint32_t top,
                             uint64_t now_ns, enum pt_escape escape,
                             struct pt_buf *out);

#endif
