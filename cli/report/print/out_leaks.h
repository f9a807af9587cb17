/* SPDX-License-Identifier: MIT */
/* out_leaks.h - leaks with their tracebacks, in words and as JSON. */
#ifndef PT_CLI_REPORT_PRINT_OUT_LEAKS_H
#define PT_CLI_REPORT_PRINT_OUT_LEAKS_H

#include "cli/report/figures/leakhunt.h"
#include "cli/report/text/escape.h"

/* Append what was found; only the first `top` leaks. PT_ERR_NOMEM. */
PT_MUST_CHECK int pt_out_leaks(const struct pt_leakhunt *hunt, uint32_t top,
                               enum pt_escape escape, struct pt_buf *out);

/* Append the other lines that hold more, only the first `top`, and what they
 * look like. PT_ERR_NOMEM. */
PT_MUST_CHECK int pt_out_leaks_others(const struct pt_leakhunt *hunt,
                                      uint32_t top, enum pt_escape escape,
                                      struct pt_buf *out);

/* Append all of it as one JSON object. PT_ERR_NOMEM. */
PT_MUST_CHECK int pt_out_leaks_json(const struct pt_leakhunt *hunt,
                                    struct pt_buf *out);

#endif
