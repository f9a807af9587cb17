/* SPDX-License-Identifier: MIT */
/* latest.h - the block that each thread allocated last.
 *
 * A thread has a slot in a table that all threads see, for a block may be
 * freed by another thread than its own, and be given away again. The last
 * block of a thread that has ended is nobody's.
 */
#ifndef PT_MEMTRACE_LATEST_H
#define PT_MEMTRACE_LATEST_H

#include "core/base/error.h"

/* Begin with none. Needs the GIL. */
PT_MUST_CHECK int pt_latest_start(void);

/* The calling thread allocated `block`. Hook-safe. Any thread. */
void pt_latest_note(const void *block);

/* A block ends; true if it was the last of some thread, which has none then.
 * Hook-safe. Any thread. */
int pt_latest_end(const void *block);

/* In a forked child: what was allocated before is its parent's. */
void pt_latest_after_fork_child(void);

#endif
