/* SPDX-License-Identifier: MIT */
/* pairlines.h - to which line each pair of a process belongs.
 *
 * What a pair's blocks are charged to has a number: that of the place in the
 * aggregate, and behind all places once more for the native memory of each.
 */
#ifndef PT_CLI_REPORT_FIGURES_PAIRLINES_H
#define PT_CLI_REPORT_FIGURES_PAIRLINES_H

#include <stdint.h>

#include "cli/report/figures/dossier.h"

struct pt_pairlines {
    uint32_t *line_of;  // of each pair, or PT_PAIRLINES_NONE
    uint64_t *size_of;
    uint32_t pairs;
};

#define PT_PAIRLINES_NONE UINT32_MAX

/* How many numbers there are. */
uint32_t pt_pairlines_count(const struct pt_dossier *dossier);

/* Read the pairs of a process: Python's, or those of libraries. PT_ERR_NOMEM
 * leaves nothing to release. */
PT_MUST_CHECK int pt_pairlines_init(struct pt_pairlines *lines,
                                    const struct pt_dossier *dossier,
                                    const struct pt_share *share);
PT_MUST_CHECK int pt_pairlines_init_native(struct pt_pairlines *lines,
                                           const struct pt_dossier *dossier,
                                           const struct pt_share *share);

/* Give it back. Harmless on a released one. */
void pt_pairlines_release(struct pt_pairlines *lines);

#endif
