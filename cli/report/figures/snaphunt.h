/* SPDX-License-Identifier: MIT */
/* snaphunt.h - what each line held at the snapshots of a recording. */
#ifndef PT_CLI_REPORT_FIGURES_SNAPHUNT_H
#define PT_CLI_REPORT_FIGURES_SNAPHUNT_H

#include "cli/report/figures/dossier.h"
#include "cli/report/figures/series.h"
#include "core/timeline/instants.h"

/* Take a point of `series`, whose lines are numbered by pairlines.h, at each
 * snapshot of a process that has the label, or at all if that is NULL; the
 * n-th is at n pieces of work. *snapshots: how many there are. PT_ERR_NOMEM,
 * PT_ERR_IO or PT_ERR_CORRUPT. */
PT_MUST_CHECK int pt_snaphunt_take(const struct pt_dossier *dossier,
                                   uint32_t process,
                                   const struct pt_instants *instants,
                                   const char *label, struct pt_series *series,
                                   uint32_t *snapshots);

#endif
