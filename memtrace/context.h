/* SPDX-License-Identifier: MIT */
/* context.h - the calling context of an allocation, at full depth.
 *
 * Each thread keeps the stack it saw last, root first, with the node of every
 * frame. A new capture finds its innermost frame in there, then verifies
 * outward to the root that the frames are still linked and at the same
 * instructions: 9 to 11 instructions a frame. The same frame address and
 * instruction do not prove the same callers, so nothing is cut short. Only
 * what changed is looked up again, through a cache keyed by (parent node,
 * instruction address).
 *
 * Instruction addresses are unique while their code object lives; when one
 * dies, cache and stacks are forgotten (pt_context_forget).
 */
#ifndef PT_MEMTRACE_CONTEXT_H
#define PT_MEMTRACE_CONTEXT_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "memtrace/node.h"

/* Frames kept and verified at the most. Of a deeper stack a window of the
 * innermost PT_DEPTH_KEPT to PT_DEPTH_MAX frames is kept; what is outward of
 * it is one node that knows only how many frames it stands for. */
#define PT_DEPTH_MAX PT_SIZE(1024, 8)
#define PT_DEPTH_KEPT (PT_DEPTH_MAX / 2)

/* Begin to capture into `nodes`. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_context_start(struct pt_nodes *nodes);

/* Give all memory back but other threads' stacks. No hook may be inside. */
void pt_context_release(void);

/* Node of the calling thread, whose state is `thread` and which holds the main
 * interpreter's GIL. Hook-safe. */
uint32_t pt_context_attached(const PyThreadState *thread);

enum pt_context_gil {
    PT_WITHOUT_GIL,
    PT_WITH_GIL,  // the main interpreter's
};

/* The same for a thread that may lack the GIL, or hold a lock under which
 * Python memory must not be asked for, as standard tracemalloc does when it
 * takes RAW memory for itself. `thread` may be NULL. Slower: nothing is cached
 * anew. Hook-safe. */
uint32_t pt_context_careful(const PyThreadState *thread,
                            enum pt_context_gil gil);

/* A code object dies: its addresses may be used again. Needs the GIL. */
void pt_context_forget(PyCodeObject *code);

#endif
