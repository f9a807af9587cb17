/* SPDX-License-Identifier: MIT */
/* follow.h - for each thread, which frames it is in and at which lines.
 *
 * What a line count does not tell needs the frame: from which line one came
 * (arcs.h), whose time it is (clocks in the recording), who called
 * (callpairs.h). A callback engine tells of each event of code that is
 * counted; frames of other code are not known here, their time belongs to the
 * line that called them.
 *
 * Each thread has a stack of what it has entered and not left. Where that is
 * not what really runs (the program switched stacks, or took the events away
 * for a while), the frame's address shows it: what lies above is forgotten,
 * and a frame that is not there is entered with an unknown line, from which no
 * arc is counted.
 *
 * All functions need the GIL, and are hook-safe apart from that.
 */
#ifndef PT_LINETRACE_FOLLOW_H
#define PT_LINETRACE_FOLLOW_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/py/catalog.h"
#include "core/py/frame.h"
#include "linetrace/hits.h"

enum pt_follow_leave {
    PT_FOLLOW_RETURN,
    PT_FOLLOW_YIELD,
    PT_FOLLOW_UNWIND,  // an exception left the frame
};

/* Begin; `wanted` are bits of PT_WANT_FOLLOWED. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_follow_start(struct pt_catalog *catalog, uint32_t wanted);

/* What is followed: bits of PT_WANT_FOLLOWED. */
uint32_t pt_follow_wanted(void);

/* A frame begins. */
void pt_follow_enter(struct pt_hits *hits, const struct pt_frame *frame);

/* A frame that yielded goes on, where it was: at `line`, or -1. */
void pt_follow_resume(struct pt_hits *hits, const struct pt_frame *frame,
                      int line);

/* A line event of the frame. */
void pt_follow_line(struct pt_hits *hits, const struct pt_frame *frame,
                    uint32_t line);

/* The frame is left. */
void pt_follow_leave(struct pt_hits *hits, const struct pt_frame *frame,
                     enum pt_follow_leave how);

/* To be called in a forked child: what was before is its parent's time. */
void pt_follow_after_fork(void);

#endif
