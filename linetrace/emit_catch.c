/* SPDX-License-Identifier: MIT */
/* emit_catch.c - see emit_catch.h. */
#include "linetrace/emit_catch.h"

// Out of the frame, with the offset of the culprit on an empty stack.
#define DEPTH_OUT 1u

int32_t
pt_door(const struct pt_emit *emit, int32_t insn, bool fires)
{
    bool above = fires && !emit->layout->enters_in &&
                 emit->layout->site[insn].above >= 0;

    return above ? pt_label_above(insn) : pt_label_in(insn);
}

struct pt_catch
pt_catch_at(const struct pt_emit *emit, int32_t range, bool fires)
{
    const struct pt_range *row;
    int32_t via;

    if (range == PT_NONE) {
        return pt_uncaught;
    }
    row = &emit->flow->range[range];
    via = emit->layout->site[row->handler].error_via;
    if (fires && via != PT_NONE) {
        return (struct pt_catch){pt_label_trampoline(emit, via), row->depth};
    }
    return (struct pt_catch){pt_door(emit, row->handler, fires), row->depth};
}

// A selector asks for the culprit even if the handler does not.
static uint32_t
stub_depth(const struct pt_emit *emit, const struct pt_stub *stub)
{
    uint32_t depth;

    if (stub->range == PT_NONE) {
        return DEPTH_OUT;
    }
    depth = emit->flow->range[stub->range].depth;
    return stub->varies ? depth | PT_DEPTH_LASTI : depth;
}

struct pt_catch
pt_catch_of(const struct pt_emit *emit, int32_t insn, int32_t stub)
{
    const struct pt_insn *from = &emit->flow->insn[insn];

    if (stub == PT_NONE) {
        return pt_catch_at(emit, from->range,
                           (from->flags & PT_ERROR_FIRES) != 0);
    }
    return (struct pt_catch){pt_label_stub(emit, stub),
                             stub_depth(emit, &emit->layout->stub[stub])};
}
