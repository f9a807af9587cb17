/* SPDX-License-Identifier: MIT */
/* place_traps.c - where traps go (trap.h).
 *
 * An event that fires on an edge means that a line was reached, and where it
 * is the line that differs that makes it fire, the line was reached whatever
 * edge is taken. So there is a trap on each instruction at which any edge
 * fires. It needs two code units of which nobody enters the second: where the
 * line has one and the next is entered from elsewhere, a NOP in front of that
 * is the second, which nothing runs that comes from elsewhere.
 */
#include "linetrace/layout.h"

static bool
is_reached(const struct pt_flow *flow, int32_t i)
{
    // The first instruction tells the calls.
    return i == flow->first + 1 ||
           (flow->insn[i].flags &
            (PT_IN_FALL_FIRES | PT_IN_JUMP_FIRES | PT_IN_ERROR_FIRES)) != 0;
}

static bool
is_entered(const struct pt_insn *insn)
{
    return (insn->flags & (PT_AIM | PT_IN_SIDEWAYS | PT_IN_LANDING)) != 0 ||
           insn->op == pt_bytecode.op.resume;
}

// The jump of a trap asks for signals, and what a handler raises there is
// looked up at the unit before: what catches it there must not need more on
// the stack. It does not where control falls in.
static bool
may_be_interrupted(const struct pt_flow *flow, int32_t i)
{
    int32_t before = flow->insn[i - 1].range, own = flow->insn[i].range;

    return before == PT_NONE || before == own ||
           (flow->insn[i].flags & PT_IN_FALL) != 0 ||
           flow->range[before].depth >> 1 == 0 ||
           (own != PT_NONE &&
            flow->range[before].depth <= flow->range[own].depth);
}

// Nothing but what is behind it follows it, and that follows nothing else. Its
// line is told there.
static bool
is_told_behind(const struct pt_flow *flow, int32_t i)
{
    const struct pt_insn *insn = &flow->insn[i];

    return pt_flow_start(flow, i + 1) - insn->start == 1 &&
           i + 1 < flow->insns && pt_op_has(insn->op, PT_OP_QUIET) &&
           !pt_op_has(insn->op, PT_OP_STOPS | PT_OP_JUMP) &&
           !is_entered(&insn[1]) && is_reached(flow, i + 1);
}

static int
find_second(struct pt_layout *layout, const struct pt_flow *flow, int32_t i)
{
    const struct pt_insn *insn = &flow->insn[i];

    if (pt_flow_start(flow, i + 1) - insn->start > 1) {
        return PT_FLOW_OK;
    }
    if (i + 1 == flow->insns || insn[1].op == pt_bytecode.op.resume ||
        pt_op_has(insn->op, PT_OP_GLUED)) {
        return PT_FLOW_STRANGE;
    }
    if (is_entered(&insn[1]) || is_reached(flow, i + 1)) {
        layout->site[i + 1].above = PT_PAD;
    }
    return PT_FLOW_OK;
}

static int
tell(struct pt_layout *layout, const struct pt_flow *flow, int32_t i,
     int32_t counter)
{
    if (i == flow->first + 1 &&
        pt_layout_add_term(layout, PT_LINE_CALLS, counter, 1) < 0) {
        return PT_FLOW_NOMEM;
    }
    return flow->insn[i].line > 0
               ? pt_layout_add_term(layout, flow->insn[i].line, counter, 1)
               : PT_FLOW_OK;
}

// For the lines from `from` on.
static int
place_trap(struct pt_layout *layout, const struct pt_flow *flow, int32_t from,
           int32_t i)
{
    int32_t counter = layout->counters++;
    int status = PT_FLOW_OK;

    if (pt_op_has(flow->insn[i - 1].op, PT_OP_GLUED) ||
        !may_be_interrupted(flow, i) ||
        find_second(layout, flow, i) != PT_FLOW_OK) {
        return PT_FLOW_STRANGE;
    }
    layout->site[i].trap = counter;
    layout->traps++;
    for (int32_t of = from; of <= i && status == PT_FLOW_OK; of++) {
        status = tell(layout, flow, of, counter);
    }
    return status;
}

int
pt_place_traps(struct pt_layout *layout, const struct pt_flow *flow)
{
    int status = flow->first + 1 < flow->insns ? PT_FLOW_OK : PT_FLOW_STRANGE;
    int32_t from = PT_NONE;

    for (int32_t i = flow->first + 1; i < flow->insns && status == PT_FLOW_OK;
         i++) {
        if (!is_reached(flow, i)) {
            continue;
        }
        if (from == PT_NONE) {
            from = i;
        }
        if (!is_told_behind(flow, i)) {
            status = place_trap(layout, flow, from, i);
            from = PT_NONE;
        }
    }
    return status;
}
