/* SPDX-License-Identifier: MIT */
/* window.h - how far outward a very deep stack is kept, and what is beyond.
 *
 * Of the frames beyond the window only their number matters, and to count
 * them takes long. CPython's data stack is made of chunks; one is unmapped
 * when its first frame is left, through the arena allocator, so we are told
 * (pt_context_unmapped). As long as a chunk is there its first frame is the
 * same call, and so are all outward of it. The window begins with such a frame
 * where it can.
 *
 * All functions hook-safe; owner thread only, with the GIL.
 */
#ifndef PT_MEMTRACE_WINDOW_H
#define PT_MEMTRACE_WINDOW_H

#include "memtrace/context.h"

#include "core/base/compiler.h"

// What is beyond is not known; no frame has this address.
#define PT_WINDOW_UNKNOWN ((const struct pt_frame *)1)

/* Complete frames from `frame` outward to the root. */
uint32_t pt_window_count(const struct pt_frame *frame);

/* Put the innermost PT_DEPTH_KEPT to PT_DEPTH_MAX frames into `pending`; how
 * many. Sets `outer`, and what is beyond is unknown. */
int pt_window_choose(struct pt_stack *stack, const struct pt_frame *caller);

/* From now on what is beyond the outermost frame kept is known, if that is the
 * first of its chunk. */
void pt_window_anchor(struct pt_stack *stack);

/* Does the window, whose outermost frame links to `beyond`, still have the
 * same number of frames outward of it? */
int pt_window_holds(struct pt_stack *stack, const struct pt_frame *beyond);

/* What is beyond the window is not known any more. */
void pt_window_forget(struct pt_stack *stack);

#endif
