/* SPDX-License-Identifier: MIT */
/* original.h - what a code object was before it was rewritten.
 *
 * All that placing probes depends on, so that it can be done once more with
 * the same result (escapes.h).
 */
#ifndef PT_LINETRACE_ORIGINAL_H
#define PT_LINETRACE_ORIGINAL_H

#include "core/py/compat.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "linetrace/flow.h"
#include "linetrace/layout.h"
#include "linetrace/standin.h"

struct pt_original {
    PyObject *code, *lines, *ranges;  // bytes
    PyObject *names;                  // tuple
    int32_t first_line;
    int32_t consts;    // how many; probes come behind them
    bool runs_once;    // the body of a module or class
    bool per_block;    // never place probes off a spanning tree
    bool per_line;     // nor derive a line from another
    bool traps;        // place traps where all of them have room
    bool tells;        // so that probes can tell of lines, and of calls
    bool marks_calls;  // put calls and returns onto the timeline
    struct pt_standin_facts facts;
};

/* Look at a code object. `original` gets a new reference to its bytes of code
 * and borrows the others. -1 with an exception set. Needs the GIL. */
PT_MUST_CHECK int pt_original_read(struct pt_original *original,
                                   PyCodeObject *code);

/* Where its probes go, and what they mean; with `finds_late` also the late
 * terms (layout.h). Everything is in the arena. An enum pt_flow_result. Needs
 * the GIL. */
PT_MUST_CHECK int pt_original_place(const struct pt_original *original,
                                    struct pt_arena *arena,
                                    struct pt_flow *flow,
                                    struct pt_layout *layout, bool finds_late);

#endif
