/* SPDX-License-Identifier: MIT */
/* top.h - the lines that hold the most memory, as tracemalloc sorts them. */
#ifndef PT_CLI_REPORT_TOP_H
#define PT_CLI_REPORT_TOP_H

#include <stdint.h>

#include "cli/report/aggregate.h"

struct pt_top {
    const struct pt_place **place;  // largest first
    uint32_t places;                // all that hold any
};

/* Sort the places of `sum` that hold memory by bytes, blocks, file and line,
 * all descending. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_top_init(struct pt_top *top,
                              const struct pt_aggregate *sum);

/* Give the list back. Harmless on a released one. */
void pt_top_release(struct pt_top *top);

#endif
