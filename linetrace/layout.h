/* SPDX-License-Identifier: MIT */
/* layout.h - where probes go in a code object, and what their counts mean.
 *
 * A placement (place_block.c, place_tree.c) fills one; emit.c turns it into
 * code. Around instruction i the new code is
 *
 *     above:  probe `above`, or a NOP if PT_PAD    what falls in passes these
 *     in:     probe `leaving`                      everything passes these
 *             the probe of returns
 *             instruction i, or the probe that stands in for it
 *             the probe of calls
 *             probe `after`
 *
 * Edges on which a line event fires enter at `above`, the others at `in`, as
 * all do with `enters_in`.
 * Trampolines and stubs stand behind the last instruction: both count and jump
 * back.
 *
 *     hits(line) = sum over its terms of weight * counter
 *
 * Exceptions that leave the frame are counted by the piece of code they come
 * from, from one line event to the next: piece p has the counter
 * `counters + p`. What these mean is only asked for once there is one: late
 * terms, whose counter is p.
 */
#ifndef PT_LINETRACE_LAYOUT_H
#define PT_LINETRACE_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "linetrace/bytecode.h"
#include "linetrace/flow.h"
#include "linetrace/plan.h"

// In place of the counter `above`.
#define PT_PAD (-2)

// Constants behind those of the counters (callprobe.h).
enum pt_callprobe { PT_CALLPROBE_CALL, PT_CALLPROBE_RETURN, PT_CALLPROBES };

struct pt_site {
    int32_t above, leaving, after;  // counters
    int32_t standin;     // counter of what is loaded in its place (standin.h)
    int32_t stub;        // catches its exceptions, instead of its handler
    int32_t tail_stub;   // ... those of its callees, if PT_CALLEE_FIRES
    int32_t above_stub;  // ... those looked up at the unit before `in`
    int32_t jump_via;    // trampoline its own jump takes
    int32_t error_via;   // trampoline of exceptions that fire here
    int32_t piece;       // in which its exception leaves the frame
    int32_t trap;        // counter of what is set on it (trap.h)
};

/* Counts, then goes on where an exception would have gone. A range of PT_NONE
 * means out of the frame. With `varies` only those exceptions are counted
 * whose culprit, found on the stack, makes no line event fire at the handler:
 * the constant is then a selector (probe.h) and not a probe. One that
 * `escapes` counts for all pieces (escapes.h), and is out of the frame. */
struct pt_stub {
    int32_t counter, range;
    bool fires, varies, escapes;
};

/* Counts a jump to `to`. */
struct pt_trampoline {
    int32_t counter, to;
    bool fires;
};

struct pt_layout {
    struct pt_arena *arena;
    struct pt_site *site;  // one for each instruction
    struct pt_stub *stub;
    struct pt_trampoline *trampoline;
    struct pt_term *term, *late;
    int32_t stubs, trampolines, terms, lates, counters, pieces, standins;
    int32_t traps;  // each with a counter, if there are any; no probes then
    int32_t stub_room, trampoline_room, term_room, late_room;
    int32_t escape_stub[2];  // of pieces of one half; PT_NONE: not there yet
    int32_t first_line, lines;  // as in struct pt_code, once there are terms
    bool enters_in;
    bool finds_late;
    bool per_line;       // a probe for each line event
    bool is_nought;      // with each call event line 0 is reached: no lines
    int32_t call;        // counter of all call events, if they are told
    int32_t callprobes;  // PT_CALLPROBES, or 0: there are none
};

/* Does a call of the code object begin behind instruction `i`, which goes onto
 * the timeline? */
static inline bool
pt_layout_is_call(const struct pt_layout *layout, const struct pt_flow *flow,
                  int32_t i)
{
    return layout->callprobes != 0 && i == flow->first;
}

/* Does one end with it? */
static inline bool
pt_layout_is_return(const struct pt_layout *layout, const struct pt_flow *flow,
                    int32_t i)
{
    return layout->callprobes != 0 &&
           pt_op_has(flow->insn[i].op, PT_OP_STOPS) &&
           pt_op_has(flow->insn[i].op, PT_OP_LEAVES);
}

/* Which handler a piece has, if neighbours must have two. */
static inline int
pt_piece_half(int32_t piece)
{
    return pt_bytecode.ways.halves_blame_first ? piece & 1 : 0;
}

/* An empty layout for `flow`. The adders return an index, or an enum
 * pt_flow_result below 0. Owner thread only. */
PT_MUST_CHECK int pt_layout_init(struct pt_layout *layout,
                                 struct pt_arena *arena,
                                 const struct pt_flow *flow);
PT_MUST_CHECK int32_t pt_layout_add_stub(struct pt_layout *layout,
                                         struct pt_stub stub);
PT_MUST_CHECK int32_t pt_layout_add_trampoline(
    struct pt_layout *layout, struct pt_trampoline trampoline);
PT_MUST_CHECK int pt_layout_add_term(struct pt_layout *layout, int32_t line,
                                     int32_t counter, int32_t weight);

PT_MUST_CHECK int pt_layout_add_late(struct pt_layout *layout, int32_t line,
                                     int32_t piece, int32_t weight);

/* Give it callprobes. PT_FLOW_STRANGE if one would come between instructions
 * that belong together. */
PT_MUST_CHECK int pt_layout_mark_calls(struct pt_layout *layout,
                                       const struct pt_flow *flow);

/* The stub for exceptions that leave the frame from `piece`. */
PT_MUST_CHECK int32_t pt_layout_escape_stub(struct pt_layout *layout,
                                            int32_t piece);

/* All that arrive at the handler of the RERAISE at `insn` are counted as if a
 * line event had fired: take back, by its stub, those who fire none. */
PT_MUST_CHECK int pt_layout_select_reraised(struct pt_layout *layout,
                                            const struct pt_flow *flow,
                                            int32_t insn);

/* Lines that have code but no term of their own (no line event can ever fire
 * there, or their count is always nought) get one of weight 0, so that a
 * report knows they have code. After all others; sets `first_line`, `lines`.
 */
PT_MUST_CHECK int pt_layout_add_bare(struct pt_layout *layout,
                                     const struct pt_flow *flow);

/* Place one probe for each basic block; enum pt_flow_result. A frame that
 * still runs may have been counted up to the end of its block. */
PT_MUST_CHECK int pt_place_blocks(struct pt_layout *layout,
                                  const struct pt_flow *flow);

/* Beside them, one counter for all call events of sys.settrace: frames that
 * begin, generators that go on or are thrown into (3.11). Sets `call`,
 * `is_nought`. */
PT_MUST_CHECK int pt_place_calls(struct pt_layout *layout,
                                 const struct pt_flow *flow);

/* Place traps, for whether lines run. PT_FLOW_STRANGE, and a layout to be
 * thrown away, where one would have no room. */
PT_MUST_CHECK int pt_place_traps(struct pt_layout *layout,
                                 const struct pt_flow *flow);

/* Place probes off a spanning tree of the flow graph. PT_FLOW_STRANGE, and a
 * layout to be thrown away, if that would not be exact, invisible and short.
 * While frames run any line of theirs may be off by one for each. */
PT_MUST_CHECK int pt_place_tree(struct pt_layout *layout,
                                const struct pt_flow *flow);

#endif
