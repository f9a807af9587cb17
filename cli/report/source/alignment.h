/* SPDX-License-Identifier: MIT */
/* alignment.h - which lines of two versions of a function are the same. */
#ifndef PT_CLI_REPORT_SOURCE_ALIGNMENT_H
#define PT_CLI_REPORT_SOURCE_ALIGNMENT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

struct pt_align_line {
    uint64_t text_hash;
    uint32_t position;  // rising among those with equal is_ordered
    int is_ordered;     // position is an order, not a distance
    int has_text;
};

#define PT_ALIGN_NONE UINT32_MAX

/* other[i]: the line of the second version that line i of the first is, rising
 * over those that have one, or PT_ALIGN_NONE. */
struct pt_alignment {
    uint32_t *other;
};

/* Align two rows of lines, each line `stride` bytes behind the last. By their
 * texts if all have one and it can be done in reasonable space, else by their
 * positions. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_alignment_init(struct pt_alignment *alignment,
                                    const struct pt_align_line *first,
                                    uint32_t firsts,
                                    const struct pt_align_line *second,
                                    uint32_t seconds, size_t stride);

/* Give it back. Harmless on a released one. */
void pt_alignment_release(struct pt_alignment *alignment);

#endif
