/* SPDX-License-Identifier: MIT */
/* gap.h - what stands in a recording where no extent is.
 *
 * A process may end between taking file space and describing it, as it may
 * while it fills an extent of a ring once more: then there are zeros, or an
 * extent without its check. Anything else was an extent, and was destroyed.
 */
#ifndef PT_CLI_REPORT_FIGURES_GAP_H
#define PT_CLI_REPORT_FIGURES_GAP_H

#include <stdint.h>

/* The first place from `start` to `end` of the recording in `fd` where
 * something was destroyed, or `end`. Both are offsets that the reader found
 * extents to end and begin at; extents are at multiples of `align_bytes`. */
uint64_t pt_gap_damage(int fd, uint64_t align_bytes, uint64_t start,
                       uint64_t end);

#endif
