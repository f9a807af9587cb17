/* SPDX-License-Identifier: MIT */
/* nativenames.h - the C functions that an entry's native blocks are from. */
#ifndef PT_CLI_REPORT_PRINT_NATIVENAMES_H
#define PT_CLI_REPORT_PRINT_NATIVENAMES_H

#include "cli/report/figures/nativesites.h"
#include "cli/report/source/symbols.h"
#include "cli/report/text/escape.h"
#include "core/base/buf.h"

/* How many functions of an entry are shown. */
#define PT_NATIVENAMES_SHOWN 3u

/* What a caller of the sites is called, once that was looked up. */
struct pt_nativeknown {
    struct pt_symbol symbol;
    int is_known;
};

struct pt_nativenames {
    struct pt_nativesites sites;
    struct pt_symbols *symbols;
    struct pt_nativeknown *known;  // of each caller
    uint32_t knowns;
};

/* PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_nativenames_init(struct pt_nativenames *names,
                                      enum pt_nativesites_what what);

/* Append the functions that most of what entry number `entry` keeps is from,
 * each on a line of its own. */
void pt_nativenames_add(struct pt_nativenames *names,
                        const struct pt_ledger *ledger, uint32_t entry,
                        enum pt_escape escape, struct pt_buf *out);

/* Append all of them, as the items of a JSON array. */
void pt_nativenames_add_json(struct pt_nativenames *names,
                             const struct pt_ledger *ledger, uint32_t entry,
                             struct pt_buf *out);

/* Give all back. Harmless on released ones. */
void pt_nativenames_release(struct pt_nativenames *names);

#endif
