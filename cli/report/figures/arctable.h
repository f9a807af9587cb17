/* SPDX-License-Identifier: MIT */
/* arctable.h - how often one line followed another, over all processes.
 *
 * Sorted by file, line from and line to, each such pair once. Borrows the
 * numbers of files from the aggregate.
 */
#ifndef PT_CLI_REPORT_FIGURES_ARCTABLE_H
#define PT_CLI_REPORT_FIGURES_ARCTABLE_H

#include <stdint.h>

#include "cli/report/figures/aggregate.h"

struct pt_arc_sum {
    uint32_t file;
    uint32_t from, to;  // PT_ARC_OUTSIDE for the begin and the end of a call
    uint64_t count;
    int is_branch;       // one of several ways out of `from`
    uint32_t code_line;  // 0, or see PT_OUTSIDE_OF_CODE
};

struct pt_arctable {
    struct pt_arc_sum *arc;
    uint32_t arcs;
};

enum pt_arc_outside {
    PT_OUTSIDE_IS_ONE,   // all begins of calls are alike, and all ends
    PT_OUTSIDE_OF_CODE,  // told apart by the line their code begins in
};

/* Add up the arcs of a recording, of which `sum` is the aggregate; none if
 * none were recorded. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_arctable_init(struct pt_arctable *table,
                                   const struct pt_aggregate *sum,
                                   const struct pt_reader *reader,
                                   enum pt_arc_outside outside);

/* Those of one file: the first, and how many. Borrowed. */
const struct pt_arc_sum *pt_arctable_of_file(const struct pt_arctable *table,
                                             uint32_t file, uint32_t *arcs);

/* Give it back. Harmless on a released one. */
void pt_arctable_release(struct pt_arctable *table);

#endif
