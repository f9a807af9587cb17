/* SPDX-License-Identifier: MIT */
/* backtrace.h - the node of a whole stack, walked now and then.
 *
 * For those who look at one stack in thousands: nothing is kept of a thread
 * between two walks, only of places, as long as their code objects live.
 */
#ifndef PT_MEMTRACE_BACKTRACE_H
#define PT_MEMTRACE_BACKTRACE_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "memtrace/node.h"
#include "memtrace/placecache.h"

struct pt_backtrace {
    struct pt_nodes nodes;
    struct pt_placecache places;  // with the main interpreter's GIL only
};

enum pt_backtrace_caller {
    PT_BACKTRACE_ANY,    // a thread that may lack the GIL, or may hold a lock
                         // under which Python memory must not be asked for
    PT_BACKTRACE_PLAIN,  // one that holds a GIL, and no such lock
};

/* Begin with an empty tree over `catalog`. PT_ERR_NOMEM leaves nothing to
 * release. */
PT_MUST_CHECK int pt_backtrace_init(struct pt_backtrace *backtrace,
                                    struct pt_catalog *catalog);

/* The node of the stack of this thread; 0 when it runs no Python code.
 * Hook-safe. */
uint32_t pt_backtrace_node(struct pt_backtrace *backtrace,
                           enum pt_backtrace_caller caller);

/* A code object dies: its addresses may be used again. Needs the GIL. */
void pt_backtrace_forget(struct pt_backtrace *backtrace);

#endif
