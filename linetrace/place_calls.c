/* SPDX-License-Identifier: MIT */
/* place_calls.c - where call events are told of (3.11).
 *
 * A RESUME has one each time it runs, when a frame begins and when a generator
 * goes on. A generator that is thrown into has one too, but runs no RESUME:
 * the exception comes up at the instruction it waits behind, and none of these
 * can raise one by itself. They are YIELD_VALUE; the jump that ends a SEND
 * loop, where the interpreter puts who was thrown out of the inner generator;
 * and RETURN_GENERATOR, of one that has not begun.
 */
#include "linetrace/layout.h"

static bool
is_resume(const struct pt_insn *insn)
{
    return insn->op == pt_bytecode.op.resume;
}

/* Can an exception be thrown into a frame that waits at instruction `i`? */
static bool
is_thrown_into(const struct pt_flow *flow, int32_t i)
{
    const struct pt_insn *insn = &flow->insn[i];

    if (i < flow->first) {
        // RETURN_GENERATOR, POP_TOP, RESUME.
        return i + 2 == flow->first && insn[1].op == pt_bytecode.op.pop_top;
    }
    return insn->op == pt_bytecode.op.yield_value ||
           (insn->op == pt_bytecode.op.jump_back_quiet && is_resume(insn - 1));
}

static int
tell_throw(struct pt_layout *layout, const struct pt_insn *insn, int32_t i)
{
    int32_t stub = pt_layout_add_stub(
        layout,
        (struct pt_stub){.counter = layout->call,
                         .range = insn->range,
                         .fires = (insn->flags & PT_ERROR_FIRES) != 0});

    layout->site[i].stub = stub;
    return stub < 0 ? PT_FLOW_NOMEM : PT_FLOW_OK;
}

int
pt_place_calls(struct pt_layout *layout, const struct pt_flow *flow)
{
    const struct pt_insn *body = &flow->insn[flow->first + 1];

    layout->call = layout->counters++;
    layout->is_nought = flow->first + 1 < flow->insns && body->line == 0;
    for (int32_t i = 0; i < flow->insns; i++) {
        const struct pt_insn *insn = &flow->insn[i];

        if (is_resume(insn)) {
            layout->site[i].after = layout->call;
        }
        if (is_thrown_into(flow, i) && tell_throw(layout, insn, i) < 0) {
            return PT_FLOW_NOMEM;
        }
    }
    return PT_FLOW_OK;
}
