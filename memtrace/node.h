/* SPDX-License-Identifier: MIT */
/* node.h - the calling-context tree: places, each called from another. */
#ifndef PT_MEMTRACE_NODE_H
#define PT_MEMTRACE_NODE_H

#include "core/py/compat.h"

#include <pthread.h>
#include <stdint.h>

#include "core/base/idmap.h"
#include "core/py/catalog.h"
#include "core/py/frame.h"

struct pt_nodes {
    struct pt_catalog *catalog;
    struct pt_timeline *timeline;
    pthread_mutex_t lock;  // guards inserting
    struct pt_idmap ids;
};

/* Make an empty tree over `catalog`, which must outlive it. PT_ERR_NOMEM
 * leaves nothing to release. Needs the GIL. */
PT_MUST_CHECK int pt_nodes_init(struct pt_nodes *nodes,
                                struct pt_catalog *catalog);

/* Unmap the index; the nodes stay in the timeline. No hook may be inside. */
void pt_nodes_release(struct pt_nodes *nodes);

/* The node for where `frame` is now, called from `parent`; made if new, and
 * `parent` itself when there is no memory. Hook-safe. The thread that runs the
 * frame; the GIL is not needed. */
uint32_t pt_nodes_intern(struct pt_nodes *nodes, uint32_t parent,
                         const struct pt_frame *frame);

/* The same for a line of the code object that the catalog calls `code`. Any
 * thread. */
uint32_t pt_nodes_intern_at(struct pt_nodes *nodes, uint32_t parent,
                            uint32_t code, uint32_t line);

/* The node that stands for the `depth` outer frames of a stack; PT_NODE_NONE
 * for none, or when there is no memory. Hook-safe. Any thread. */
uint32_t pt_nodes_marker(struct pt_nodes *nodes, uint32_t depth);

#endif
