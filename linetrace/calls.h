/* SPDX-License-Identifier: MIT */
/* calls.h - where a frame may wait for other code, perhaps for ever.
 *
 * What is counted ahead of its execution is wrong if the process is killed,
 * ends or forks while the frame waits. So the placements count nothing across
 * such an instruction. A call of a well-known builtin by its name is none: it
 * returns at once, and loops are full of them.
 */
#ifndef PT_LINETRACE_CALLS_H
#define PT_LINETRACE_CALLS_H

#include "core/py/compat.h"

#include "core/base/compiler.h"
#include "linetrace/flow.h"

/* Know the names of those builtins; once for a process. 0, or -1 with an
 * exception set. Needs the GIL. */
PT_MUST_CHECK int pt_calls_ready(void);

/* Set PT_WAITS where `flow`, whose edges are found, may wait. `names` is the
 * code object's co_names. Needs the GIL. */
void pt_calls_find(struct pt_flow *flow, PyObject *names);

#endif
