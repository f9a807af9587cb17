/* SPDX-License-Identifier: MIT */
/* flow.h - one code object, taken apart: instructions, places, ranges, edges.
 *
 * Everything lives in the rewriter's arena and dies with the next rewrite.
 * Indices are int32_t with PT_NONE for "not there"; `units` of a code object
 * fit, for the decoder refuses more than PT_UNITS_MAX.
 *
 * Edges need no list: an instruction has at most one jump, one fall-through
 * and one exception edge out of it. Whether its own jump and its own exception
 * fire a line event where they arrive is kept at the source; at the target
 * stands what kinds of edges come in.
 */
#ifndef PT_LINETRACE_FLOW_H
#define PT_LINETRACE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"

#define PT_NONE (-1)
#define PT_UNITS_MAX (1 << 24)

enum pt_insn_flag {
    PT_IN_FALL = 1 << 0,         // control can fall in from above
    PT_IN_FALL_FIRES = 1 << 1,   // ... and then a line event fires
    PT_IN_JUMP_FIRES = 1 << 2,   // some jump that fires arrives here
    PT_IN_JUMP_QUIET = 1 << 3,   // some jump that does not fire
    PT_IN_ERROR_FIRES = 1 << 4,  // some exception that fires
    PT_IN_ERROR_QUIET = 1 << 5,
    PT_IN_LANDING = 1 << 6,     // an exhausted FOR_ITER arrives here
    PT_JUMP_FIRES = 1 << 7,     // its own jump fires at the target
    PT_ERROR_FIRES = 1 << 8,    // its own exception fires at the handler
    PT_MARKED = 1 << 9,         // the interpreter calls it a line start
    PT_ERROR_VARIES = 1 << 10,  // ... or not, as the first culprit's did
    PT_CALLEE_FIRES = 1 << 11,  // its callee's exception fires, not its own
    PT_FIRES_ALWAYS = 1 << 12,  // whatever line control comes from
    PT_WAITS = 1 << 13,         // other code may run here and not return
    PT_AIM = 1 << 14,           // a jump, a handler or an argument points here
};
#define PT_IN_JUMP (PT_IN_JUMP_FIRES | PT_IN_JUMP_QUIET)
#define PT_IN_ERROR (PT_IN_ERROR_FIRES | PT_IN_ERROR_QUIET)
#define PT_IN_SIDEWAYS (PT_IN_JUMP | PT_IN_ERROR)

/* A place in the source; columns may be PT_NONE, all may be PT_NONE. */
struct pt_spot {
    int32_t line, end_line, column, end_column;
};

/* An entry of the location table: its bytes are read once more only where it
 * cannot be copied. */
struct pt_entry {
    const uint8_t *at;
    int32_t line;    // PT_NONE: it has no place
    int32_t before;  // the line that it counts from
    int32_t from;    // code unit
};

struct pt_insn {
    uint32_t arg;
    int32_t start;   // first code unit, prefixes included
    int32_t target;  // instruction its argument points at
    int32_t lands;   // where its jump arrives; not `target` for a FOR_ITER
    int32_t line;
    int32_t entry;   // of the location table
    int32_t range;   // exception range that covers it
    uint16_t flags;  // enum pt_insn_flag
    uint8_t op;
};

/* A row of the exception table. `depth` is in the table's own coding: stack
 * depth << 1, plus 1 if the offset of the culprit is pushed. */
struct pt_range {
    int32_t from, to;  // code units
    int32_t handler;   // instruction
    uint32_t depth;
};

struct pt_flow {
    const uint8_t *code;  // borrowed
    struct pt_insn *insn;
    int32_t *jump;           // the instructions that have a target
    struct pt_entry *entry;  // one more than there are ends the last
    struct pt_range *range;
    int32_t insns, jumps, entries, ranges, units;
    int32_t first;                // the RESUME that starts the body
    int32_t first_line;           // co_firstlineno
    int32_t low_line, high_line;  // of those above 0; high_line 0: none
    bool runs_once;               // the body of a module or class
};

/* Where an instruction starts; behind the last one, how many units there are.
 */
static inline int32_t
pt_flow_start(const struct pt_flow *flow, int32_t insn)
{
    return insn < flow->insns ? flow->insn[insn].start : flow->units;
}

/* What a step of the rewriter ends with, besides success. */
enum pt_flow_result {
    PT_FLOW_OK = 0,
    PT_FLOW_NOMEM = -1,
    PT_FLOW_STRANGE = -2,  // not what the compiler makes: leave it alone
    PT_FLOW_UNKNOWN = -3,  // whether an event fires, only the callee tells
};

#endif
