/* SPDX-License-Identifier: MIT */
/* dossier.h - a recording with all that is made of it before any output.
 *
 * Figures by line, functions, names and source lines, read once; whatever
 * compares or exports recordings starts from here.
 */
#ifndef PT_CLI_REPORT_FIGURES_DOSSIER_H
#define PT_CLI_REPORT_FIGURES_DOSSIER_H

#include "cli/report/figures/aggregate.h"
#include "cli/report/figures/functions.h"
#include "cli/report/figures/snippet.h"
#include "cli/report/source/naming.h"
#include "cli/report/source/patterns.h"
#include "core/base/error.h"
#include "core/timeline/reader.h"

struct pt_dossier {
    const char *name;  // of the recording, for people; borrowed
    const struct pt_reader *reader;
    const struct pt_header *header;
    struct pt_aggregate sum;
    struct pt_naming naming;
    struct pt_functions functions;
    struct pt_snippets snippets;
};

/* Read it all; the dossier must stay where it is, and the reader open.
 * PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_dossier_init(struct pt_dossier *dossier,
                                  const struct pt_reader *reader,
                                  const char *name);

/* What to call a file: its path without the directory of the run. Borrowed. */
const char *pt_dossier_path(const struct pt_dossier *dossier, uint32_t file);

/* Is a file one of those asked for, by its path or by what it is called? */
int pt_dossier_takes(const struct pt_dossier *dossier,
                     const struct pt_filter *filter, uint32_t file);

/* Append the text of a source line without the blanks around it: 1 if its file
 * is the one that ran, else 0 and nothing. */
int pt_dossier_line(struct pt_dossier *dossier, uint32_t file, uint32_t line,
                    struct pt_buf *text);

/* Give it all back. Harmless on a released one. */
void pt_dossier_release(struct pt_dossier *dossier);

#endif
