/* SPDX-License-Identifier: MIT */
/* refs.h - objects that come off a free list, on CPythons that tell us.
 *
 * An allocator hook does not see them: the block was never freed. 3.13 has
 * PyRefTracer_SetTracer (CPython docs, C API, Object Life Cycle); before, such
 * blocks stay with the line that allocated them first.
 */
#ifndef PT_MEMTRACE_REFS_H
#define PT_MEMTRACE_REFS_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Listen, passing on to a tracer that was there before. 0, or -1 with an
 * exception. Does nothing where CPython has no tracer. Needs the GIL. */
PT_MUST_CHECK int pt_refs_start(void);

/* Listen again if another tool, such as standard tracemalloc, has put its
 * tracer in place of ours and does not call ours. Harmless when not started.
 * Hook-safe, with the GIL. */
void pt_refs_repair(void);

/* Stop listening; puts the earlier tracer back if ours still stands. */
void pt_refs_stop(void);

#endif
