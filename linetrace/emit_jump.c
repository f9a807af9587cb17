/* SPDX-License-Identifier: MIT */
/* emit_jump.c - how far the jumps of emit.h go, and how long that makes them.
 */
#include "linetrace/emit.h"

static void
set_starts(struct pt_emit *emit)
{
    int32_t unit = 0;

    for (int32_t i = 0; i < emit->pieces; i++) {
        emit->piece[i].start = unit;
        unit += emit->piece[i].units;
    }
    emit->units = unit;
}

// One jump: its distance, or its other direction. True if sizes moved.
static int
set_distance(const struct pt_emit *emit, struct pt_emitted *jump)
{
    int32_t from = jump->start + jump->units;
    int32_t to = emit->piece[emit->label[jump->label]].start;
    uint8_t prefixes, twin;

    if ((to < from) != pt_op_has(jump->op, PT_OP_BACKWARD) && to != from) {
        twin = pt_bytecode.info[jump->op].twin;
        if (twin == 0 ||
            pt_bytecode.info[twin].units != pt_bytecode.info[jump->op].units) {
            return PT_FLOW_STRANGE;
        }
        jump->op = twin;
    }
    jump->arg = (uint32_t)(to < from ? from - to : to - from);
    prefixes = pt_emit_prefixes(jump->arg);
    if (prefixes > jump->prefixes) {
        jump->units += prefixes - jump->prefixes;
        jump->prefixes = prefixes;
        return 1;
    }
    return 0;
}

// Prefixes only ever grow, so this ends.
int
pt_emit_find_distances(struct pt_emit *emit)
{
    int moved = 1;

    while (moved) {
        moved = 0;
        for (int32_t i = 0; i < emit->jumps; i++) {
            int status = set_distance(emit, &emit->piece[emit->jump[i]]);

            if (status < 0) {
                return status;
            }
            moved |= status;
        }
        if (moved) {
            set_starts(emit);
        }
    }
    return emit->units > PT_UNITS_MAX ? PT_FLOW_STRANGE : PT_FLOW_OK;
}
