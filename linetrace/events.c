/* SPDX-License-Identifier: MIT */
/* events.c - see events.h.
 *
 * The rules were found by comparing with the interpreters (docs/versions.md).
 * An event belongs to an edge p -> i, not to i:
 *   3.11   fires if line(i) exists and differs from line(p), or the edge goes
 *          backwards and i is no SEND; what is before the body has no line,
 *          and a RESUME fires nothing.
 *   3.12+  i must be marked (find_marks), and line(i) differ from line(p) or
 *          p be a RESUME. JUMP_BACKWARD to its own line fires as well, and an
 *          exception thrown into a generator comes from a RESUME.
 * 3.12   What follows a pushed Python frame has no line(p).
 * 3.13   A start whose line does not fit a byte fires always (is_far).
 * Nothing fires at or before the RESUME that starts the body.
 */
#include "linetrace/events.h"

#include <stdbool.h>

#include "linetrace/bytecode.h"

enum edge { EDGE_FALL, EDGE_JUMP, EDGE_ERROR };

static void
mark(struct pt_insn *insn)
{
    if (insn->line >= 0) {
        insn->flags |= PT_MARKED;
    }
}

// The interpreter keeps a line as the distance, in a signed byte, from what it
// would be at 16 code units a line; -128 to -126 mean something else.
static bool
is_far(const struct pt_flow *flow, const struct pt_insn *insn)
{
    int32_t away = insn->line - flow->first_line - (insn->start >> 4);

    return insn->line >= 0 && (away > INT8_MAX || away <= -126);
}

static void
mark_starts(struct pt_flow *flow)
{
    struct pt_insn *insn = &flow->insn[flow->first];
    struct pt_insn *end = &flow->insn[flow->insns];
    int32_t line = PT_NONE;

    for (; insn < end; insn++) {
        if (pt_op_has(insn->op, PT_OP_UNMARKED)) {
            continue;
        }
        if (insn->line != line) {
            mark(insn);
            if (pt_bytecode.ways.far_starts_fire && is_far(flow, insn)) {
                insn->flags |= PT_FIRES_ALWAYS;
            }
        }
        line = insn->line;
    }
}

static void
mark_targets(struct pt_flow *flow)
{
    for (int32_t i = 0; i < flow->jumps; i++) {
        const struct pt_insn *insn = &flow->insn[flow->jump[i]];
        int32_t to = insn->target;

        if (flow->jump[i] < flow->first || !pt_op_has(insn->op, PT_OP_JUMP)) {
            continue;
        }
        // These two jump behind an END_FOR or END_SEND.
        if (insn->op == pt_bytecode.op.for_iter ||
            insn->op == pt_bytecode.op.send) {
            to += 1;
        }
        if (to < flow->insns) {
            mark(&flow->insn[to]);
            flow->insn[to].flags &= (uint16_t)~PT_FIRES_ALWAYS;
        }
    }
}

static void
find_marks(struct pt_flow *flow)
{
    mark_starts(flow);
    mark_targets(flow);
    for (int32_t i = 0; i < flow->ranges; i++) {
        struct pt_insn *insn = &flow->insn[flow->range[i].handler];

        if (insn->op != pt_bytecode.op.end_async_for) {
            mark(insn);
        }
    }
}

static bool
fires_by_mark(const struct pt_insn *from, const struct pt_insn *to,
              enum edge edge)
{
    bool marked = (to->flags & PT_MARKED) != 0;
    bool moves = from->line != to->line;

    if (to->flags & PT_FIRES_ALWAYS) {
        return true;
    }
    if (marked && (moves || from->op == pt_bytecode.op.resume)) {
        return true;
    }
    if (edge == EDGE_ERROR) {
        return marked && pt_bytecode.ways.throws_from_resume &&
               from->op == pt_bytecode.op.yield_value;
    }
    return edge == EDGE_JUMP && pt_bytecode.ways.back_to_same_line && !moves &&
           from->op == pt_bytecode.op.jump_backward;
}

static bool
fires(const struct pt_flow *flow, int32_t from, int32_t to, enum edge edge)
{
    const struct pt_insn *source = &flow->insn[from];
    const struct pt_insn *target = &flow->insn[to];

    // Line 0, of a module that is empty, is reached as often as it is called.
    if (target->line <= 0 || to <= flow->first || from < flow->first ||
        pt_op_has(target->op, PT_OP_UNMARKED)) {
        return false;
    }
    if (pt_bytecode.ways.marks_lines) {
        return fires_by_mark(source, target, edge);
    }
    if (from == flow->first || source->line != target->line) {
        return true;
    }
    return to < from && target->op != pt_bytecode.op.send;
}

static bool
can_fire(const struct pt_flow *flow, int32_t to)
{
    const struct pt_insn *insn = &flow->insn[to];

    return to > flow->first && insn->line >= 0 &&
           (!pt_bytecode.ways.marks_lines || (insn->flags & PT_MARKED));
}

static bool
hides_line(const struct pt_insn *insn)
{
    return pt_bytecode.ways.callee_hides_line &&
           pt_op_has(insn->op, PT_OP_PUSHES) &&
           pt_bytecode.info[insn->op].units > 1;
}

// Quick to say no, which is the rule.
static bool
may_fire(const struct pt_flow *flow, int32_t to)
{
    const struct pt_insn *insn = &flow->insn[to];

    if (pt_bytecode.ways.marks_lines) {
        return (insn->flags & (PT_MARKED | PT_FIRES_ALWAYS)) != 0;
    }
    return insn->line != insn[-1].line || to - 1 <= flow->first;
}

// Where a callee hides the line, an event fires if it was a Python function
// and not if it was a C function, which is more than the bytecode says.
static int
find_fall(struct pt_flow *flow, int32_t i)
{
    struct pt_insn *insn = &flow->insn[i];

    if (pt_op_has(insn[-1].op, PT_OP_STOPS) || (insn->flags & PT_IN_LANDING)) {
        return PT_FLOW_OK;
    }
    insn->flags |= PT_IN_FALL;
    if (!may_fire(flow, i)) {
        return PT_FLOW_OK;
    }
    if (fires(flow, i - 1, i, EDGE_FALL)) {
        insn->flags |= PT_IN_FALL_FIRES;
    }
    else if (hides_line(&flow->insn[i - 1]) && can_fire(flow, i)) {
        return PT_FLOW_UNKNOWN;
    }
    return PT_FLOW_OK;
}

// What comes out of a loop arrives as if it fell through from END_FOR.
static int
find_landing(struct pt_flow *flow, int32_t from)
{
    int32_t to = flow->insn[from].lands;
    struct pt_insn *insn = &flow->insn[to];
    uint16_t flags = PT_IN_LANDING | PT_IN_FALL;

    if (fires(flow, from, to, EDGE_JUMP)) {
        flags |= PT_IN_FALL_FIRES;
    }
    if ((insn->flags & PT_IN_LANDING) &&
        (insn->flags & PT_IN_FALL_FIRES) != (flags & PT_IN_FALL_FIRES)) {
        return PT_FLOW_STRANGE;
    }
    insn->flags |= flags;
    return PT_FLOW_OK;
}

static int
find_jump(struct pt_flow *flow, int32_t i)
{
    struct pt_insn *insn = &flow->insn[i];
    struct pt_insn *to = &flow->insn[insn->lands];

    if (insn->lands != insn->target) {
        return find_landing(flow, i);
    }
    if (fires(flow, i, insn->lands, EDGE_JUMP)) {
        insn->flags |= PT_JUMP_FIRES;
        to->flags |= PT_IN_JUMP_FIRES;
    }
    else {
        to->flags |= PT_IN_JUMP_QUIET;
    }
    return PT_FLOW_OK;
}

bool
pt_events_error_fires(const struct pt_flow *flow, int32_t culprit,
                      int32_t handler, bool callee)
{
    if (callee && hides_line(&flow->insn[culprit])) {
        return culprit >= flow->first && can_fire(flow, handler);
    }
    return fires(flow, culprit, handler, EDGE_ERROR);
}

// A RERAISE with an argument puts the blame back on the first culprit, and
// which that was is only known at run time: see struct pt_stub.
static void
find_error(struct pt_flow *flow, int32_t i)
{
    struct pt_insn *insn = &flow->insn[i];
    int32_t handler = flow->range[insn->range].handler;
    struct pt_insn *to = &flow->insn[handler];

    if (insn->op == pt_bytecode.op.reraise && insn->arg > 0) {
        if (i >= flow->first && can_fire(flow, handler)) {
            insn->flags |= PT_ERROR_FIRES | PT_ERROR_VARIES;
            to->flags |= PT_IN_ERROR_FIRES;
        }
        else {
            to->flags |= PT_IN_ERROR_QUIET;
        }
        return;
    }
    if (pt_events_error_fires(flow, i, handler, false)) {
        insn->flags |= PT_ERROR_FIRES;
        to->flags |= PT_IN_ERROR_FIRES;
        return;
    }
    to->flags |= PT_IN_ERROR_QUIET;
    if (pt_events_error_fires(flow, i, handler, true)) {
        insn->flags |= PT_CALLEE_FIRES;
        to->flags |= PT_IN_ERROR_FIRES;
    }
}

int
pt_events_find(struct pt_flow *flow)
{
    if (pt_bytecode.ways.marks_lines) {
        find_marks(flow);
    }
    for (int32_t i = 0; i < flow->jumps; i++) {
        int32_t jump = flow->jump[i];

        if (pt_op_has(flow->insn[jump].op, PT_OP_JUMP) &&
            find_jump(flow, jump) < 0) {
            return PT_FLOW_STRANGE;
        }
    }
    for (int32_t i = 0; i < flow->insns && flow->ranges > 0; i++) {
        if (flow->insn[i].range != PT_NONE) {
            find_error(flow, i);
        }
    }
    for (int32_t i = 1; i < flow->insns; i++) {
        int status = find_fall(flow, i);

        if (status != PT_FLOW_OK) {
            return status;
        }
    }
    return PT_FLOW_OK;
}
