/* SPDX-License-Identifier: MIT */
/* render.h - everything that is printed of a recording, in its order.
 *
 * The listings come first, as files, so that a reader of our stdout who goes
 * away cannot keep them from being written; then the text for stdout, at once.
 * What went wrong with one output is said on stderr, and the others are made.
 */
#ifndef PT_CLI_REPORT_PRINT_RENDER_H
#define PT_CLI_REPORT_PRINT_RENDER_H

#include "cli/report/figures/countsums.h"
#include "cli/report/print/reportoptions.h"
#include "core/base/compiler.h"
#include "core/timeline/reader.h"

/* Print it all. PT_OK, or the code of the first failure, of which the user
 * has been told; a status (gates.h) when all that failed is a limit. */
PT_MUST_CHECK int pt_render(const struct pt_reader *reader,
                            const struct pt_report_options *options);

/* Print listings and summary of the sums of several runs. `reader` has the
 * last of them, or is NULL: then paths are relative to `directory`. Returns
 * what pt_render() does. */
PT_MUST_CHECK int pt_render_sums(const struct pt_countsums *sums,
                                 const struct pt_reader *reader,
                                 const char *directory,
                                 const struct pt_report_options *options);

#endif
