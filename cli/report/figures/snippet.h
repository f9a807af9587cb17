/* SPDX-License-Identifier: MIT */
/* snippet.h - single source lines, for tables that show them. */
#ifndef PT_CLI_REPORT_FIGURES_SNIPPET_H
#define PT_CLI_REPORT_FIGURES_SNIPPET_H

#include <stdint.h>

#include "cli/report/figures/aggregate.h"
#include "cli/report/source/naming.h"
#include "cli/report/source/sourcetext.h"
#include "cli/report/text/escape.h"
#include "core/base/buf.h"

#define PT_SNIPPET_WHOLE SIZE_MAX

struct pt_snippet_file {
    int is_tried;
    struct pt_sourcetext source;
    size_t *start;  // of each line from the first, once one was asked for
    uint32_t lines;
};

/* The texts of an aggregate's files, each read when it is first asked for. */
struct pt_snippets {
    const struct pt_aggregate *sum;
    const struct pt_naming *naming;
    struct pt_snippet_file *file;
};

/* Begin with no file read; both must outlive the snippets. PT_ERR_NOMEM leaves
 * nothing to release. */
PT_MUST_CHECK int pt_snippets_init(struct pt_snippets *snippets,
                                   const struct pt_aggregate *sum,
                                   const struct pt_naming *naming);

/* Append a source line without the blanks around it, cut to so many bytes;
 * nothing when there is no such line. */
void pt_snippets_add(struct pt_snippets *snippets, uint32_t file,
                     uint32_t line, size_t bytes_max, enum pt_escape escape,
                     struct pt_buf *out);

/* The text of a file; empty if it cannot be had. Borrowed. */
const struct pt_buf *pt_snippets_text(struct pt_snippets *snippets,
                                      uint32_t file);

/* True if a file is there as the program read it. */
int pt_snippets_are_current(const struct pt_snippets *snippets, uint32_t file);

/* Give the texts back. Harmless on released ones. */
void pt_snippets_release(struct pt_snippets *snippets);

#endif
