/* SPDX-License-Identifier: MIT */
/* guard.h - "this thread is inside the tool": allocations are not recorded.
 *
 * Set around every call that allocates for the tool from Python's allocators,
 * and around every inner allocator call of a hook, for pymalloc itself takes
 * arenas through the RAW domain. Guards nest.
 */
#ifndef PT_CORE_PY_GUARD_H
#define PT_CORE_PY_GUARD_H

#include "core/base/compiler.h"

extern PT_THREAD_LOCAL int pt_guard_depth;

/* All hook-safe. Owner thread only, which goes without saying. */
PT_INLINE void
pt_guard_enter(void)
{
    pt_guard_depth++;
}

/* 0 when that was the last one. */
PT_INLINE int
pt_guard_leave(void)
{
    return --pt_guard_depth;
}

PT_INLINE int
pt_guard_inside(void)
{
    return pt_guard_depth != 0;
}

/* The same around the allocators below a hook. What they are asked for is the
 * program's, though it is not to be recorded by this hook again. */
#define PT_GUARD_BELOW 0x10000

PT_INLINE void
pt_guard_enter_below(void)
{
    pt_guard_depth += PT_GUARD_BELOW;
}

PT_INLINE int
pt_guard_leave_below(void)
{
    return pt_guard_depth -= PT_GUARD_BELOW;
}

/* Is it the tool itself that allocates? */
PT_INLINE int
pt_guard_is_tool(void)
{
    return (pt_guard_depth & (PT_GUARD_BELOW - 1)) != 0;
}

#endif
