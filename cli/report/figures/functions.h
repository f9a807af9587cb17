/* SPDX-License-Identifier: MIT */
/* functions.h - the functions of a run, and whose a line is.
 *
 * One for each file, qualified name and first line, whatever the number of
 * code objects and processes it was in. A line belongs to the innermost
 * function around it; lambdas, generator expressions and comprehensions are
 * part of the function they stand in, for some of them are code objects of
 * their own in one version of CPython and not in the next.
 */
#ifndef PT_CLI_REPORT_FIGURES_FUNCTIONS_H
#define PT_CLI_REPORT_FIGURES_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/report/figures/aggregate.h"
#include "core/base/error.h"

struct pt_function {
    uint32_t file;  // of the aggregate
    uint32_t defined_line;
    uint32_t last_line;  // the highest with code
    uint32_t nth;        // of those with this name in this file, from 0
    const char *name;    // borrowed of the reader, not ended by 0
    size_t name_bytes;
    uint64_t calls;
    int is_counted;
    int is_part;  // of the function around it
};

struct pt_functions {
    struct pt_function *function;  // by file, first line, name
    uint32_t functions;
};

/* Collect those of a recording that was added up to `sum`; both must outlive
 * the functions. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_functions_init(struct pt_functions *functions,
                                    const struct pt_reader *reader,
                                    const struct pt_aggregate *sum);

/* The function that a line belongs to, or NULL. Borrowed. */
const struct pt_function *
pt_functions_find(const struct pt_functions *functions, uint32_t file,
                  uint32_t line);

/* Give it all back. Harmless on released ones. */
void pt_functions_release(struct pt_functions *functions);

#endif
