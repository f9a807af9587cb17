/* SPDX-License-Identifier: MIT */
/* account.h - the entries and names of a ledger while it is being kept. */
#ifndef PT_CLI_REPORT_FIGURES_ACCOUNT_H
#define PT_CLI_REPORT_FIGURES_ACCOUNT_H

#include "cli/report/figures/ledger.h"

/* Begin with entry 0 and name 0. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_account_init(struct pt_ledger *ledger,
                                  const struct pt_aggregate *aggregate);

/* The entry with the frames of `key`, added with sums of 0 if it is new. */
PT_MUST_CHECK int pt_account_entry(struct pt_ledger *ledger,
                                   const struct pt_entry *key, uint32_t *id);

/* The number of a name, whose bytes must outlive the ledger. */
PT_MUST_CHECK int pt_account_name(struct pt_ledger *ledger, const char *text,
                                  size_t bytes, uint32_t *id);

/* Give it all back. Harmless on a released one. */
void pt_account_release(struct pt_ledger *ledger);

#endif
