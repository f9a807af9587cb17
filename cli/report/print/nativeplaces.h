/* SPDX-License-Identifier: MIT */
/* nativeplaces.h - the C functions that the native memory of a line, a
 * function or a file is from. */
#ifndef PT_CLI_REPORT_PRINT_NATIVEPLACES_H
#define PT_CLI_REPORT_PRINT_NATIVEPLACES_H

#include "cli/report/figures/dossier.h"
#include "cli/report/figures/ledger.h"
#include "cli/report/figures/nativenames.h"

struct pt_nativeplaces {
    struct pt_nativenames names;
    struct pt_ledger ledger;
};

/* Read the native memory of a recording by `group`, tracebacks excepted; the
 * dossier must outlive it. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_nativeplaces_init(struct pt_nativeplaces *places,
                                       const struct pt_dossier *dossier,
                                       enum pt_ledger_group group);

/* Append the functions of the place `line` of `file`: of a file's 0, of a
 * function's its first. */
void pt_nativeplaces_add(struct pt_nativeplaces *places, uint32_t file,
                         uint32_t line, enum pt_escape escape,
                         struct pt_buf *out);

/* Give it back. */
void pt_nativeplaces_release(struct pt_nativeplaces *places);

#endif
