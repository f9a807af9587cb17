/* SPDX-License-Identifier: MIT */
/* stacks.h - every stack of a recording, and what it is worth.
 *
 * Memory has whole stacks; hits and times have none but the line itself, so
 * executed lines stand as stacks of one frame that no memory is charged to.
 */
#ifndef PT_CLI_REPORT_FIGURES_STACKS_H
#define PT_CLI_REPORT_FIGURES_STACKS_H

#include <stdint.h>

#include "cli/report/figures/dossier.h"
#include "cli/report/figures/ledger.h"
#include "cli/report/source/patterns.h"

/* What a stack is worth, in the order of --value. */
enum pt_stack_value {
    PT_VALUE_KEPT,
    PT_VALUE_KEPT_BLOCKS,
    PT_VALUE_PEAK,
    PT_VALUE_PEAK_BLOCKS,
    PT_VALUE_ALLOCATED,
    PT_VALUE_ALLOCATED_BLOCKS,
    PT_VALUE_HITS,
    PT_VALUE_TIME,    // nanoseconds
    PT_VALUE_NATIVE,  // memory of libraries, at the end
    PT_VALUE_NATIVE_BLOCKS,
    PT_VALUE_NATIVE_ALLOCATED,
    PT_VALUE_NATIVE_ALLOCATED_BLOCKS,
    PT_VALUES,
};

struct pt_stacks {
    struct pt_dossier *dossier;
    struct pt_ledger ledger;  // of stacks
    const struct pt_filter *filter;
    const struct pt_function **function;  // of each entry, NULL: none is known
    uint32_t *path;  // the entries of a stack that is being walked
};

struct pt_stack_frame {
    uint32_t file;
    uint32_t line;
    const struct pt_function *function;  // NULL: none is known
};

struct pt_stack {
    uint32_t entry;  // of the ledger; 0: `place` is all of it
    const struct pt_place *place;
    uint64_t value[PT_VALUES];
};

/* Make ready; dossier and filter must outlive the stacks. PT_ERR_NOMEM leaves
 * nothing to release. */
PT_MUST_CHECK int pt_stacks_init(struct pt_stacks *stacks,
                                 struct pt_dossier *dossier,
                                 const struct pt_filter *filter);

/* The same of the memory of libraries; the sites it is from go to `sites`. */
PT_MUST_CHECK int pt_stacks_init_native(struct pt_stacks *stacks,
                                        struct pt_dossier *dossier,
                                        const struct pt_filter *filter,
                                        struct pt_nativesites *sites);

/* Go through all stacks that are worth anything: 1 with the one behind *at, 0
 * at the end. *at starts as 0. */
int pt_stacks_next(const struct pt_stacks *stacks, uint32_t *at,
                   struct pt_stack *stack);

/* The innermost frame of one. */
struct pt_stack_frame pt_stacks_innermost(const struct pt_stacks *stacks,
                                          const struct pt_stack *stack);

/* Go through the frames of one, the outermost first: 1 with the one behind
 * *at, 0 at the end. *at starts as 0. One stack after the other. */
int pt_stacks_frame(const struct pt_stacks *stacks,
                    const struct pt_stack *stack, uint32_t *at,
                    struct pt_stack_frame *frame);

/* Append "Shelf.fill"; a file without functions stands for itself. */
void pt_stacks_add_name(const struct pt_stacks *stacks,
                        const struct pt_stack_frame *frame,
                        struct pt_buf *out);

/* Give it all back. Harmless on released ones. */
void pt_stacks_release(struct pt_stacks *stacks);

#endif
