/* SPDX-License-Identifier: MIT */
/* ranking.h - the entries of a ledger as tracemalloc sorts statistics. */
#ifndef PT_CLI_REPORT_FIGURES_RANKING_H
#define PT_CLI_REPORT_FIGURES_RANKING_H

#include <stdint.h>

#include "cli/report/figures/ledger.h"

struct pt_ranking {
    const struct pt_entry **entry;  // largest first; borrowed of the ledger
    uint32_t entries;               // all that have any
};

/* Sort the entries that have any of `sum` by its bytes, its blocks, and their
 * frames, all descending. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_ranking_init(struct pt_ranking *ranking,
                                  const struct pt_ledger *ledger,
                                  enum pt_ledger_sum sum);

/* Give the list back. Harmless on a released one. */
void pt_ranking_release(struct pt_ranking *ranking);

#endif
