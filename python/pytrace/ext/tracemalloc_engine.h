/* SPDX-License-Identifier: MIT */
/* tracemalloc_engine.h - start and stop as the tracemalloc module means them.
 *
 * Without a session that traces memory the module has a recording of its own,
 * in anonymous memory. With one, the session's engine goes on as it is and the
 * module shows a view of it: blocks born since start() or clear_traces().
 */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACEMALLOC_ENGINE_H
#define PT_PYTHON_PYTRACE_EXT_TRACEMALLOC_ENGINE_H

#include "core/py/compat.h"

#include "core/base/compiler.h"
#include "memtrace/memtrace.h"

/* Start; harmless when started. 0, or -1 with an exception. Needs the GIL, as
 * all below. */
PT_MUST_CHECK int pt_tracemalloc_start(void);

/* Stop, and give all memory back that is ours; harmless when stopped. */
void pt_tracemalloc_stop(void);

/* Forget all blocks known now. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_tracemalloc_clear(void);

/* The pairs to show, or NULL when stopped. */
struct pt_pairs *pt_tracemalloc_pairs(void);

/* Memory that the engine and its recording occupy, in bytes; 0 when stopped.
 */
size_t pt_tracemalloc_memory(void);

#endif
