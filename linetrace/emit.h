/* SPDX-License-Identifier: MIT */
/* emit.h - put a code object together again, with its probes.
 *
 * First pt_emit_lay() decides where everything stands; then the three tables
 * can be written, each into a buffer of the size it asks for.
 */
#ifndef PT_LINETRACE_EMIT_H
#define PT_LINETRACE_EMIT_H

#include <stdbool.h>
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

/* A piece of the new code: one instruction; or all of a probe, of which the
 * first is told; or, with `copies`, as many old ones as they are. What is
 * raised by its callees may be looked up at the caches of an instruction, and
 * `tail` is for those. Nothing is looked up at a piece that `is_quiet`. */
struct pt_emitted {
    uint32_t arg;
    int32_t start, units;
    int32_t label;   // where it jumps, or PT_NONE
    int32_t line;    // of what is new
    int32_t origin;  // first old instruction; PT_NONE: `line` without columns
    int32_t copies;
    struct pt_catch catch, tail;
    uint8_t op;
    uint8_t prefixes;
    uint8_t runs[2];  // what runs a probe behind its LOAD_CONST; 0: nothing
    bool is_quiet;
};

struct pt_emit {
    struct pt_arena *arena;
    const struct pt_flow *flow;
    const struct pt_layout *layout;
    struct pt_emitted *piece;
    int32_t *label;  // piece at each label
    int32_t *jump;   // the pieces that have a label
    int32_t pieces, labels, jumps, units;
    int32_t first_const;  // probe i is constant first_const + i
};

/* The first old instruction behind those of a piece. */
static inline int32_t
pt_emitted_end(const struct pt_emitted *piece)
{
    return piece->origin + (piece->copies > 0 ? piece->copies : 1);
}

/* The code unit behind old instruction `old` of a piece. */
static inline int32_t
pt_emitted_behind(const struct pt_emit *emit, const struct pt_emitted *piece,
                  int32_t old)
{
    if (old + 1 == pt_emitted_end(piece)) {
        return piece->start + piece->units;
    }
    return piece->start + emit->flow->insn[old + 1].start -
           emit->flow->insn[piece->origin].start;
}

/* Lay out the code for `layout`. PT_FLOW_STRANGE if a jump cannot be turned
 * round. Owner thread only. */
PT_MUST_CHECK int pt_emit_lay(struct pt_emit *emit, struct pt_arena *arena,
                              const struct pt_flow *flow,
                              const struct pt_layout *layout,
                              int32_t first_const);

/* The first code unit, once it is laid out, of an old instruction at which
 * something stands. Any thread. */
int32_t pt_emit_start(const struct pt_emit *emit, int32_t insn);

/* The EXTENDED_ARGs that an argument needs. Any thread. */
static inline uint8_t
pt_emit_prefixes(uint32_t arg)
{
    return (uint8_t)((arg > 0xff) + (arg > 0xffff) + (arg > 0xffffff));
}

/* The last step of pt_emit_lay(): give the jumps their distances, and the
 * pieces the places that follow. PT_FLOW_STRANGE as there. Owner thread only.
 */
PT_MUST_CHECK int pt_emit_find_distances(struct pt_emit *emit);

/* Write 2 * emit->units bytes of code. Any thread. */
void pt_emit_code(const struct pt_emit *emit, uint8_t *out);

/* The tables, in the arena: how many bytes; `*out` is NULL when memory ran
 * out. Owner thread only. */
size_t pt_emit_lines(const struct pt_emit *emit, uint8_t **out);
size_t pt_emit_ranges(const struct pt_emit *emit, uint8_t **out);

/* The code units from which an exception arrives at the handler of a stub that
 * varies without a line event: `*count` pairs of from and to, in the arena;
 * NULL when memory ran out. */
uint32_t *pt_emit_quiet_units(const struct pt_emit *emit, int32_t stub,
                              size_t *count);

#endif
