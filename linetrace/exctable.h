/* SPDX-License-Identifier: MIT */
/* exctable.h - the exception table of a code object, read and written.
 *
 * Rows of four varints (start, length, target, depth and lasti), big end
 * first, the first byte of a row marked; see CPython's
 * Objects/exception_handling_notes.txt. Unchanged from 3.11 to 3.15.
 */
#ifndef PT_LINETRACE_EXCTABLE_H
#define PT_LINETRACE_EXCTABLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "linetrace/flow.h"

// The most bytes one row can take: four values below 2**30.
#define PT_EXCTABLE_ROW_BYTES 20

/* The next row at `*next`, with its handler still a code unit. 1 for a row, 0
 * at the end, PT_FLOW_STRANGE on a damaged table. Any thread. */
PT_MUST_CHECK int pt_exctable_read(const uint8_t **next, const uint8_t *end,
                                   struct pt_range *range);

/* Write a row whose handler is a code unit; returns the end. Any thread. */
uint8_t *pt_exctable_write(uint8_t *next, const struct pt_range *range);

#endif
