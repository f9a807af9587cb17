/* SPDX-License-Identifier: MIT */
/* trap.h - where only is asked whether a line runs: two units that go.
 *
 * The first two code units of a line are overwritten, where the code runs:
 *
 *     LOAD_CONST t; POP_JUMP_BACKWARD_IF_TRUE 2
 *
 * To ask whether the trap `t` is true counts, and puts back what stood there,
 * to which the jump then goes. So a line that has run is the compiler's own
 * code and costs nothing at all. Whoever reads the instructions, frames and
 * tracebacks included, sees the compiler's: CPython 3.11 keeps a copy of them
 * with the code object, made before traps are set. Only where code may be
 * changed in place while it runs (bytecode.h, patches_freely).
 *
 * A code object has one trap, for all its places. It is freed with it.
 */
#ifndef PT_LINETRACE_TRAP_H
#define PT_LINETRACE_TRAP_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "linetrace/emit.h"

// The argument of the LOAD_CONST has no prefix.
#define PT_TRAP_CONST_MAX 255

/* Make the type usable; once for a process. 0, or -1 with an exception set.
 * Needs the GIL. */
PT_MUST_CHECK int pt_trap_ready(void);

/* A trap for the places of the layout that was laid out, which counts from
 * `counter` on and is to be constant emit->first_const. A new reference, or
 * NULL with an exception set. Needs the GIL. */
PT_MUST_CHECK PyObject *pt_trap_make(const struct pt_emit *emit,
                                     uint64_t *counter);

/* Set the trap among the constants of `code`, which has not run, if there is
 * one. 0, or -1 with an exception set. Needs the GIL. */
PT_MUST_CHECK int pt_trap_set(PyCodeObject *code);

/* The trap among these constants, a tuple, or NULL: borrowed. */
PyObject *pt_trap_among(PyObject *consts);

#endif
