/* SPDX-License-Identifier: MIT */
/* split.h - what each process has of the lines of an aggregate.
 *
 * part[i] are the figures of share i of the sum alone. Both count files for
 * themselves: file_of[i][n] is the file of part i that is file n of the sum.
 */
#ifndef PT_CLI_REPORT_FIGURES_SPLIT_H
#define PT_CLI_REPORT_FIGURES_SPLIT_H

#include <stdint.h>

#include "cli/report/figures/aggregate.h"

struct pt_split {
    const struct pt_aggregate *sum;
    struct pt_aggregate *part;
    uint32_t **file_of;
    uint32_t parts;
};

/* Split a sum, which must stay, as must its reader. PT_ERR_NOMEM leaves
 * nothing to release. */
PT_MUST_CHECK int pt_split_init(struct pt_split *split,
                                const struct pt_aggregate *sum,
                                const struct pt_reader *reader);

/* What a part has of a place of the sum; one of zeros if nothing. Borrowed. */
const struct pt_place *pt_split_find(const struct pt_split *split,
                                     uint32_t part,
                                     const struct pt_place *place);

/* Give it all back. Harmless on a released one. */
void pt_split_release(struct pt_split *split);

#endif
