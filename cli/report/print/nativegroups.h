/* SPDX-License-Identifier: MIT */
/* nativegroups.h - the C functions that an entry's native blocks are from. */
#ifndef PT_CLI_REPORT_PRINT_NATIVEGROUPS_H
#define PT_CLI_REPORT_PRINT_NATIVEGROUPS_H

#include "cli/report/figures/nativenames.h"

/* How many functions of an entry are shown. */
#define PT_NATIVEGROUPS_SHOWN 3u

/* Append the functions that most of what entry number `entry` keeps is from,
 * each on a line of its own. */
void pt_nativegroups_add(struct pt_nativenames *names,
                         const struct pt_ledger *ledger, uint32_t entry,
                         enum pt_escape escape, struct pt_buf *out);

/* Append all of them, as the items of a JSON array. */
void pt_nativegroups_add_json(struct pt_nativenames *names,
                              const struct pt_ledger *ledger, uint32_t entry,
                              struct pt_buf *out);

#endif
