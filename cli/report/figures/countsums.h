/* SPDX-License-Identifier: MIT */
/* countsums.h - the sums in a file of counts, as figures of lines.
 *
 * pytrace._trace_sum, which reads such files, tells what is in one: fields
 * that each end with a zero byte. The search path of its interpreter, with a
 * newline between two; PY_VERSION_HEX; then for each source its name, how many
 * lines follow, and for each of these its number and its hits, 0 for a line
 * that has code and did not run.
 */
#ifndef PT_CLI_REPORT_FIGURES_COUNTSUMS_H
#define PT_CLI_REPORT_FIGURES_COUNTSUMS_H

#include "cli/report/figures/aggregate.h"
#include "core/base/buf.h"
#include "core/base/error.h"

struct pt_countsums {
    struct pt_aggregate sum;
    const char *search_path;  // borrowed of the text
    size_t search_path_bytes;
    uint32_t python_version;
};

/* Take the figures out of a text, which must outlive them. PT_ERR_FORMAT, or
 * PT_ERR_NOMEM; there is nothing to release then. */
PT_MUST_CHECK int pt_countsums_init(struct pt_countsums *sums,
                                    const struct pt_buf *text);

/* Give it all back. Harmless on released ones. */
void pt_countsums_release(struct pt_countsums *sums);

#endif
