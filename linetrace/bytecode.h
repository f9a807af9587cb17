/* SPDX-License-Identifier: MIT */
/* bytecode.h - what the rewriter must know about one CPython's bytecode.
 *
 * One `bytecode_NNN.c` is compiled into a build, chosen by name, or
 * `bytecode_none.c` where there is none for the version; it holds data and
 * nothing else (docs/versions.md says from where). All other files of the
 * rewriter ask for traits, roles and behaviours and never for a version.
 *
 * An opcode with `units` 0 is one the compiler of this version does not emit;
 * code that holds one is left alone. If it has a `twin`, it is what the
 * interpreter writes in place of that one when it makes a code object.
 */
#ifndef PT_LINETRACE_BYTECODE_H
#define PT_LINETRACE_BYTECODE_H

#include <stdbool.h>
#include <stdint.h>

enum pt_optrait {
    PT_OP_JUMP = 1 << 0,      // the argument is a distance in code units
    PT_OP_BACKWARD = 1 << 1,  // ... counted backwards
    PT_OP_STOPS = 1 << 2,     // never goes on to the next instruction
    PT_OP_LEAVES = 1 << 3,    // control leaves the frame (return, yield)
    PT_OP_RAISES = 1 << 4,    // always raises
    PT_OP_QUIET = 1 << 5,     // can never raise
    PT_OP_PUSHES = 1 << 6,    // may run a Python frame without a C call
    PT_OP_UNMARKED = 1 << 7,  // never the start of a line
    PT_OP_LABEL = 1 << 8,     // its argument must be moved, but is no jump
    PT_OP_GLUED = 1 << 9,     // nothing may come between it and the next
    PT_OP_CALLS = 1 << 10,    // a call written as one
    PT_OP_ENTERS = 1 << 11,   // runs other code, as a rule, without a call
    PT_OP_TAIL = 1 << 12,     // belongs to the jump that comes here
};

struct pt_opinfo {
    uint8_t units;  // code units with its caches; 0: not known
    uint8_t twin;   // the same conditional jump, other direction; or 0
    uint16_t traits;
};

/* The opcodes the rewriter treats by name; 0 where a version has none. */
struct pt_oproles {
    uint8_t extended_arg, nop, load_const, unary_invert, pop_top;
    uint8_t resume, yield_value, for_iter, send, end_async_for;
    uint8_t jump_backward, jump_back_quiet, reraise, binary_op, store_fast;
    uint8_t load_fast, delete_fast;
    uint8_t copy, swap;
    uint8_t jump_back_if_true;  // where patches_freely
    // What runs a probe that was loaded, and leaves nothing: {UNARY_INVERT,
    // POP_TOP}, or a FOR_ITER alone where it calls the iterator at once.
    uint8_t runs_probe[2];
    uint8_t load_global, load_attr, load_method, push_null;
};

/* The ways in which versions differ in when a line event fires and where an
 * exception is looked up (docs/versions.md says how each was found). */
struct pt_opways {
    bool marks_lines;           // only instructions marked as starts fire
    bool back_to_same_line;     // JUMP_BACKWARD within a line fires
    bool throws_from_resume;    // throw() arrives from the RESUME
    bool raises_before_call;    // a callee's error is looked up at call - 1
    bool interrupts_at_source;  // a back edge is interrupted before it is
                                // taken; else at its target - 1
    bool callee_hides_line;     // after a pushed frame, control comes from the
                                // caller's last cache, which has no line
    bool far_starts_fire;       // a start far from the first line always fires
    bool halves_blame_first;    // of two instructions run as one the first
                                // is blamed for what the second raises
    bool patches_freely;        // code may be changed in place where it runs
    bool offset_is_tagged;      // what a handler has to restore the line is
                                // no object that an operator could take
    uint8_t exhausted_skip;     // FOR_ITER ends so many behind its target
    uint8_t start_mask;         // a RESUME starts the body if arg & this == 0
};

/* Of two opcodes in a row quickening writes the first as another, which runs
 * both. */
struct pt_fused {
    uint8_t first, second, as;
};

struct pt_bytecode {
    struct pt_oproles op;
    struct pt_opways ways;
    // Where patches_freely: what quickening makes of an opcode by itself, or
    // 0, and of pairs of others.
    uint8_t quick[256];
    struct pt_fused fused[6];
    struct pt_opinfo info[256];
};

extern const struct pt_bytecode pt_bytecode;

/* Is there a table for this version? Hook-safe. */
static inline bool
pt_bytecode_is_known(void)
{
    return pt_bytecode.op.resume != 0;
}

/* True if `op` has any of `traits`. Hook-safe. */
static inline bool
pt_op_has(uint8_t op, unsigned traits)
{
    return (pt_bytecode.info[op].traits & traits) != 0;
}

#endif
