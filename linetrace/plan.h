/* SPDX-License-Identifier: MIT */
/* plan.h - how the lines of one code object follow from its counters.
 *
 *     hits(line) = sum over its terms of weight * counters[counter]
 *
 * needs no Python, so a report can be made from the recording alone. The
 * counts are exact once no frame of the code object runs.
 */
#ifndef PT_LINETRACE_PLAN_H
#define PT_LINETRACE_PLAN_H

#include <stdint.h>

#include "core/timeline/recording.h"

// No line has this number: terms under it add up to the calls, that is how
// often the body of the code object was begun.
#define PT_LINE_CALLS 0u

struct pt_plan {
    const struct pt_term *term;  // lives until the next rewrite
    uint32_t terms;
    uint32_t counters;
    uint32_t late;  // how many of them, the last, get their terms later
    uint32_t first_line, lines;  // as in struct pt_code
};

#endif
