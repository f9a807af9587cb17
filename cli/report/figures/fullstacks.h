/* SPDX-License-Identifier: MIT */
/* fullstacks.h - every stack of a recording, down to native code.
 *
 * Those of pt_stacks, and then one for each native place that took memory: the
 * frames of Python, below them those of native code. What is native has values
 * of its own: Python's add up to what its allocators gave out, as ever.
 */
#ifndef PT_CLI_REPORT_FIGURES_FULLSTACKS_H
#define PT_CLI_REPORT_FIGURES_FULLSTACKS_H

#include "cli/report/figures/nativenames.h"
#include "cli/report/figures/stacks.h"

struct pt_fullframe {
    struct pt_stack_frame python;
    uint32_t caller;  // the place in native code; 0: it is `python`
};

struct pt_fullstack {
    struct pt_stack stack;
    uint32_t site;  // of native code; 0: none of its frames is native
};

struct pt_fullstacks {
    struct pt_stacks python;
    struct pt_stacks native;  // empty if none was recorded
    struct pt_nativenames names;
    struct pt_fullframe *frame;  // of the stack that is looked at
    uint32_t room;
};

/* Make ready; dossier and filter must outlive the stacks. PT_ERR_NOMEM leaves
 * nothing to release. */
PT_MUST_CHECK int pt_fullstacks_init(struct pt_fullstacks *stacks,
                                     struct pt_dossier *dossier,
                                     const struct pt_filter *filter);

/* Go through all stacks that are worth anything: 1 with the one behind *at, 0
 * at the end. *at starts as 0. */
int pt_fullstacks_next(const struct pt_fullstacks *stacks, uint32_t *at,
                       struct pt_fullstack *stack);

/* Put the frames of one into `stacks->frame`, the outermost first. */
PT_MUST_CHECK int pt_fullstacks_walk(struct pt_fullstacks *stacks,
                                     const struct pt_fullstack *stack,
                                     uint32_t *frames);

/* Append "Shelf.fill", or "hold" of native code; what has no name there is
 * "0xa7504 in libsqlite3.so.0". */
void pt_fullstacks_add_name(struct pt_fullstacks *stacks,
                            const struct pt_fullframe *frame,
                            struct pt_buf *out);

/* Append the source file, or, where nobody knows it, the library; return the
 * line, or 0. */
uint32_t pt_fullstacks_add_file(struct pt_fullstacks *stacks,
                                const struct pt_fullframe *frame,
                                struct pt_buf *out);

/* Give it all back. Harmless on released ones. */
void pt_fullstacks_release(struct pt_fullstacks *stacks);

#endif
