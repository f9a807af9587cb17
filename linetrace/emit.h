/* SPDX-License-Identifier: MIT */
/* emit.h - put a code object together again, with its probes.
 *
 * First pt_emit_lay() decides where everything stands; then the three tables
 * can be written, each into a buffer of the size it asks for.
 */
#ifndef PT_LINETRACE_EMIT_H
#define PT_LINETRACE_EMIT_H

#include <stddef.h>
#include <stdint.h>

#include "linetrace/bytecode.h"
#include "linetrace/flow.h"
#include "linetrace/layout.h"

/* Where an exception goes: a label, or PT_NONE, and the depth its handler
 * expects, as in struct pt_range. */
struct pt_catch {
    int32_t label;
    uint32_t depth;
};

/* One instruction of the new code. What is raised by its callees may be looked
 * up at its caches, and `tail` is for those. */
struct pt_emitted {
    uint32_t arg;
    int32_t start;
    int32_t label;  // where it jumps, or PT_NONE
    int32_t line;
    int32_t origin;  // old instruction; PT_NONE: `line` without columns
    struct pt_catch catch, tail;
    uint8_t op;
    uint8_t prefixes;
};

static inline int32_t
pt_emitted_units(const struct pt_emitted *insn)
{
    return insn->prefixes + pt_bytecode.info[insn->op].units;
}

struct pt_emit {
    struct pt_arena *arena;
    const struct pt_flow *flow;
    const struct pt_layout *layout;
    struct pt_emitted *insn;
    int32_t *label;  // instruction at each label
    int32_t *jump;   // the instructions that have a label
    int32_t insns, labels, jumps, units;
    int32_t first_const;  // probe i is constant first_const + i
};

/* Lay out the code for `layout`. PT_FLOW_STRANGE if a jump cannot be turned
 * round. Owner thread only. */
PT_MUST_CHECK int pt_emit_lay(struct pt_emit *emit, struct pt_arena *arena,
                              const struct pt_flow *flow,
                              const struct pt_layout *layout,
                              int32_t first_const);

/* Write 2 * emit->units bytes of code. Any thread. */
void pt_emit_code(const struct pt_emit *emit, uint8_t *out);

/* The tables, in the arena; `*out` is NULL when memory ran out. */
size_t pt_emit_lines(const struct pt_emit *emit, uint8_t **out);
size_t pt_emit_ranges(const struct pt_emit *emit, uint8_t **out);

/* The code units from which an exception arrives at the handler of a stub that
 * varies without a line event: `*count` pairs of from and to, in the arena;
 * NULL when memory ran out. */
uint32_t *pt_emit_quiet_units(const struct pt_emit *emit, int32_t stub,
                              size_t *count);

#endif
