/* SPDX-License-Identifier: MIT */
/* landmarks.h - the events that are always recorded: start, stop, threads,
 * collections, forks.
 *
 * Collections are told by gc.callbacks, which is the one way there is. For it
 * the collector makes a dict each time, in the program's memory; so they are
 * left out where memory is counted, unless a timeline was asked for.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_LANDMARKS_H
#define PT_PYTHON_PYTRACE_EXT_LANDMARKS_H

#include "core/py/compat.h"

#include "core/base/compiler.h"
#include "core/timeline/timeline.h"

/* Open the streams of `timeline` and note the start. 0, or -1 with an
 * exception. Needs the GIL. */
PT_MUST_CHECK int pt_landmarks_start(struct pt_timeline *timeline);

/* Watch threads and collections from now on. 0, or -1 with an exception. Needs
 * the GIL, and the guard where memory is counted. */
PT_MUST_CHECK int pt_landmarks_watch(uint32_t wanted);

/* Note the end. Needs the GIL. */
void pt_landmarks_stop(void);

/* After a fork that the timeline knows of already, by whoever called it. */
void pt_landmarks_after_fork_parent(void);
void pt_landmarks_after_fork_child(void);

#endif
