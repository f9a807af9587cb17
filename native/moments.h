/* SPDX-License-Identifier: MIT */
/* moments.h - the account of resident memory, taken again and again.
 *
 * Taken in the path of the allocations that change it, at most 100 times a
 * second and for at most a 200th of the process's own time (owntime.h): a
 * thread of our own would be one more than the program has, which fork() in it
 * is warned of.
 */
#ifndef PT_NATIVE_MOMENTS_H
#define PT_NATIVE_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

/* How much a thread may allocate before it looks at the clock. */
#define PT_MOMENTS_STEPS 256

extern PT_THREAD_LOCAL int pt_moments_left;

/* Look at the clock, and if it is time write a moment down. Hook-safe. */
void pt_moments_look_slow(void);

/* Write one down now. `flags`: enum pt_moment_flag. The memory of the tool, or
 * 0 when another thread is writing one. Any thread, outside of the tracker. */
uint64_t pt_moments_write(uint32_t flags);

/* In a forked child, whose moments begin now. The caller has the timeline to
 * itself. */
void pt_moments_after_fork_child(void);

/* A block of so many bytes was allocated. Hook-safe. Any thread. */
PT_INLINE void
pt_moments_step(size_t bytes)
{
    // A large block counts for more, as it may be the whole story.
    pt_moments_left -= 1 + (int)(bytes >> 12 & 0xffffff);
    if (pt_unlikely(pt_moments_left < 0)) {
        pt_moments_look_slow();
    }
}

#endif
