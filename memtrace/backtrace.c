/* SPDX-License-Identifier: MIT */
/* backtrace.c - walking a stack from the root. */
#include "memtrace/backtrace.h"

#include "core/py/codewatch.h"
#include "memtrace/context.h"

int
pt_backtrace_init(struct pt_backtrace *backtrace, struct pt_catalog *catalog)
{
    if (pt_nodes_init(&backtrace->nodes, catalog) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    if (pt_placecache_init(&backtrace->places) != PT_OK) {
        pt_nodes_release(&backtrace->nodes);
        return PT_ERR_NOMEM;
    }
    return PT_OK;
}

void
pt_backtrace_forget(struct pt_backtrace *backtrace)
{
    pt_placecache_clear(&backtrace->places);
}

/* The node of a frame under `parent`, by way of the cache. */
static uint32_t
child(struct pt_backtrace *backtrace, uint32_t parent,
      const struct pt_frame *frame, enum pt_backtrace_caller caller)
{
    uintptr_t place = pt_frame_place(frame);
    uint32_t node = pt_placecache_get(&backtrace->places, parent, place);

    if (node == 0) {
        node = pt_nodes_intern(&backtrace->nodes, parent, frame);
        // What we could not be told the death of is not kept by address.
        if (caller == PT_BACKTRACE_PLAIN &&
            pt_codewatch_mark(pt_frame_code(frame)) == 0) {
            pt_placecache_put(&backtrace->places, parent, place, node);
        }
    }
    return node;
}

uint32_t
pt_backtrace_node(struct pt_backtrace *backtrace,
                  enum pt_backtrace_caller caller)
{
    const PyThreadState *own = PyGILState_GetThisThreadState();
    const PyThreadState *attached = pt_thread_attached();
    int is_main = attached != NULL && attached == own &&
                  attached->interp == PyInterpreterState_Main();
    const struct pt_frame *frame[PT_DEPTH_KEPT], *at = NULL;
    uint32_t node, outer = 0;
    int count = 0;

    if (own != NULL) {
        at = pt_frame_complete(pt_frame_top(own));
    }
    for (; at != NULL; at = pt_frame_complete(at->previous)) {
        if (count < PT_DEPTH_KEPT) {
            frame[count++] = at;
        }
        else {
            outer++;
        }
    }
    node = pt_nodes_marker(&backtrace->nodes, outer);
    while (count > 0) {
        at = frame[--count];
        node = is_main ? child(backtrace, node, at, caller)
                       : pt_nodes_intern(&backtrace->nodes, node, at);
    }
    return node;
}
