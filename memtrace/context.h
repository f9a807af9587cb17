/* SPDX-License-Identifier: MIT */
/* context.h - the calling context of an allocation, at full depth.
 *
 * Each thread keeps the callers it saw last, root first, with the node of
 * every frame. A new capture finds its innermost caller in there, then
 * verifies outward to the root that the frames are still linked and at the
 * same instructions: 7 instructions a frame. The same frame address and
 * instruction do not prove the same callers, so nothing is cut short. Only
 * what changed is looked up again, through a cache keyed by (parent node,
 * instruction address). The innermost frame itself is not kept: with the size
 * of the block it is the key of the site cache (sitecache.h).
 *
 * Frames that tracebacks leave out, as those by which C calls Python, are kept
 * too, and have the node of their caller, as long as their address and
 * instruction tell them apart from what tracebacks show.
 *
 * Instruction addresses are unique while their code object lives; when one
 * dies, caches and stacks are forgotten (pt_context_forget).
 */
#ifndef PT_MEMTRACE_CONTEXT_H
#define PT_MEMTRACE_CONTEXT_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "memtrace/node.h"
#include "memtrace/pair.h"
#include "memtrace/sitecache.h"

/* Frames kept and verified at the most. Of a deeper stack a window of the
 * innermost PT_DEPTH_KEPT to PT_DEPTH_MAX frames is kept; what is outward of
 * it is one node that knows only how many frames it stands for. */
#define PT_DEPTH_MAX PT_SIZE(2048, 64)
#define PT_DEPTH_KEPT (PT_DEPTH_MAX / 2)
#define PT_STACK_MAP_BITS PT_SIZE(12, 2)

struct pt_stack_entry {
    const struct pt_frame *frame;
    uintptr_t place;
    uint64_t node;
};

/* What a thread's callers were. entry[1] is the root, or, of a very deep
 * stack, the frame with `outer` complete frames outward of it (window.h);
 * entry[0] stands for what is outward of that. A node is that of the entry
 * with all entries below it as its callers, up to entry[valid]. map[hash of a
 * frame] is where that frame stands, if it stands anywhere, as the byte offset
 * in entry[]. Owner thread only, with the GIL. */
struct pt_stack {
    PyThreadState *const *attached;  // the state attached to this thread
    uint64_t generation;             // in which all this was found
    uint32_t valid;                  // a byte offset too
    uint32_t outer;
    const struct pt_frame *beyond;  // what entry[1] links to, if known
    const void *chunk;              // for that long; NULL: not by a chunk
    struct pt_stack_entry entry[PT_DEPTH_MAX + 1];
    uint32_t map[1 << PT_STACK_MAP_BITS];
    const struct pt_frame *pending[PT_DEPTH_MAX];
};

struct pt_context {
    PyInterpreterState *main;  // NULL: closed
    uint64_t generation;       // counts what makes caches and stacks void
    struct pt_sitecache sites;
};

extern struct pt_context pt_context;
extern PT_THREAD_LOCAL struct pt_stack *pt_context_stack;  // never NULL

/* Begin to capture into `nodes` and `pairs`. PT_ERR_NOMEM leaves nothing to
 * release. Needs the GIL. */
PT_MUST_CHECK int pt_context_start(struct pt_nodes *nodes,
                                   struct pt_pairs *pairs);

/* Have pt_context_same_site() find nothing from now on; have it find again.
 * Needs the GIL. */
void pt_context_close(void);
void pt_context_open(void);

/* Give all memory back but other threads' stacks. No hook may be inside. */
void pt_context_release(void);

/* A code object dies: its addresses may be used again. Needs the GIL. */
void pt_context_forget(PyCodeObject *code);

/* Memory is unmapped that the arena allocator gave out: no frame of this
 * thread is in it any more. Hook-safe. Any thread. */
void pt_context_unmapped(const void *memory);

/* Forget which pairs there are: a view begins (pair.h). Needs the GIL. */
void pt_context_rebase(void);

enum pt_context_gil {
    PT_WITHOUT_GIL,
    PT_WITH_GIL,  // the main interpreter's
};

/* The node of a thread that may lack the GIL, or hold a lock under which
 * Python memory must not be asked for, as standard tracemalloc does when it
 * takes RAW memory for itself. `thread` may be NULL. Slower: nothing is cached
 * anew. Hook-safe. */
uint32_t pt_context_careful(const PyThreadState *thread,
                            enum pt_context_gil gil);

/* Node of the calling thread, whose state is `thread` and which holds the main
 * interpreter's GIL. Hook-safe. */
uint32_t pt_context_attached(const PyThreadState *thread);

/* Where a block of this size is allocated now; good until the next call. NULL
 * when the calling thread does not hold the main interpreter's GIL, or when
 * there is no memory. Hook-safe, with some GIL. */
const struct pt_site *pt_context_site(size_t bytes);

PT_INLINE uint32_t *
pt_context_map(struct pt_stack *stack, const struct pt_frame *frame)
{
    uint32_t hash = (uint32_t)(uintptr_t)frame * 0x9E3779B1u;

    return &stack->map[hash >> (32 - PT_STACK_MAP_BITS)];
}

PT_INLINE const struct pt_stack_entry *
pt_context_entry(const struct pt_stack *stack, uint32_t offset)
{
    return (const struct pt_stack_entry *)((const char *)stack->entry +
                                           offset);
}

/* The entry of `caller`, the frame outward of the one that runs, if it and its
 * callers are those of the last capture, else NULL. Budget: 20 instructions
 * and 7 a frame. Frames come from the array, so that their loads do not wait
 * for each other. */
PT_INLINE const struct pt_stack_entry *
pt_context_same_callers(struct pt_stack *stack, const struct pt_frame *caller)
{
    uint32_t offset = *pt_context_map(stack, caller);
    const struct pt_stack_entry *innermost = pt_context_entry(stack, offset);
    const struct pt_stack_entry *entry = innermost;
    const struct pt_frame *frame = entry->frame, *outward;

    if (pt_unlikely(frame != caller || offset > stack->valid ||
                    stack->generation != pt_context.generation)) {
        return NULL;
    }
    // Two frames a turn; entry[0] has a frame that none links to.
    for (;; entry--) {
        if (pt_unlikely(pt_frame_place(frame) != entry->place)) {
            return NULL;
        }
        outward = entry[-1].frame;
        if (frame->previous != outward) {
            break;
        }
        frame = outward;
        entry--;
        if (pt_unlikely(pt_frame_place(frame) != entry->place)) {
            return NULL;
        }
        outward = entry[-1].frame;
        if (frame->previous != outward) {
            break;
        }
        frame = outward;
    }
    return pt_likely(frame->previous == stack->beyond &&
                     &entry[-1] == stack->entry)
               ? innermost
               : NULL;
}

/* As pt_context_site(), but NULL too when the caches do not do. */
PT_INLINE const struct pt_site *
pt_context_same_site(size_t bytes)
{
    struct pt_stack *stack = pt_context_stack;
    const PyThreadState *thread = *stack->attached;
    const struct pt_stack_entry *caller;
    const struct pt_frame *frame;

    if (pt_unlikely(thread == NULL || thread->interp != pt_context.main)) {
        return NULL;
    }
    frame = pt_frame_top(thread);
    if (pt_unlikely(frame == NULL)) {
        return NULL;
    }
    caller = pt_context_same_callers(stack, frame->previous);
    if (pt_unlikely(caller == NULL)) {
        return NULL;
    }
    return pt_sitecache_get(&pt_context.sites, pt_frame_place(frame),
                            (uint32_t)caller->node, bytes);
}

#endif
