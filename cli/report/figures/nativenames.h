/* SPDX-License-Identifier: MIT */
/* nativenames.h - the places that native blocks are from, by name. */
#ifndef PT_CLI_REPORT_FIGURES_NATIVENAMES_H
#define PT_CLI_REPORT_FIGURES_NATIVENAMES_H

#include "cli/report/figures/nativesites.h"
#include "cli/report/source/symbols.h"
#include "cli/report/text/escape.h"
#include "core/base/buf.h"

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

/* What is at a caller of the sites that the ledger was charged with. */
struct pt_symbol pt_nativenames_symbol(struct pt_nativenames *names,
                                       const struct pt_ledger *ledger,
                                       uint32_t caller);

/* Append "hold (leaky.c:31) in leaky.so"; what has no name is an offset. */
void pt_nativenames_add_place(struct pt_nativenames *names,
                              const struct pt_ledger *ledger, uint32_t caller,
                              enum pt_escape escape, struct pt_buf *out);

/* Give all back. Harmless on released ones. */
void pt_nativenames_release(struct pt_nativenames *names);

#endif
