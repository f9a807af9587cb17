/* SPDX-License-Identifier: MIT */
/* emit_catch.h - where the exceptions of new code go.
 *
 * Labels: two for each old instruction (`above`, `in`), then one for each
 * trampoline, then one for each stub. Inside of emit.h.
 */
#ifndef PT_LINETRACE_EMIT_CATCH_H
#define PT_LINETRACE_EMIT_CATCH_H

#include "linetrace/emit.h"

// The depth of a handler whose stack has the offset of the culprit.
#define PT_DEPTH_LASTI 1u

static const struct pt_catch pt_uncaught = {PT_NONE, 0};

static inline int32_t
pt_label_above(int32_t insn)
{
    return 2 * insn;
}

static inline int32_t
pt_label_in(int32_t insn)
{
    return 2 * insn + 1;
}

static inline int32_t
pt_label_trampoline(const struct pt_emit *emit, int32_t trampoline)
{
    return 2 * emit->flow->insns + trampoline;
}

static inline int32_t
pt_label_stub(const struct pt_emit *emit, int32_t stub)
{
    return 2 * emit->flow->insns + emit->layout->trampolines + stub;
}

/* The label at which an old instruction is entered by an edge along which its
 * line event fires, or does not. */
int32_t pt_door(const struct pt_emit *emit, int32_t insn, bool fires);

/* The handler of a range, PT_NONE being none, of an exception of which a line
 * event fires there, or not. */
struct pt_catch pt_catch_at(const struct pt_emit *emit, int32_t range,
                            bool fires);

/* That of an old instruction, or, if it has one, its stub. */
struct pt_catch pt_catch_of(const struct pt_emit *emit, int32_t insn,
                            int32_t stub);

#endif
