/* SPDX-License-Identifier: MIT */
/* escapes.h - the constant that counts exceptions which leave a frame.
 *
 * Each piece of a code object between two line events has a counter for them,
 * but all have one handler: `offset + escape` counts for the piece in which
 * the offset, in code units, is. Most code is never left by an exception, so
 * which piece that is and what its counter means for the lines is worked out
 * when one escapes for the first time, from what the code object was.
 *
 * `offset - escape` stands in every other piece where the interpreter may
 * blame the instruction before the one that raised (bytecode.h,
 * halves_blame_first): if the offset is in another piece, the next is meant.
 *
 * Every rewritten code object has one, as its last constant, whether it can
 * be left by an exception or not: it keeps what the compiler made.
 */
#ifndef PT_LINETRACE_ESCAPES_H
#define PT_LINETRACE_ESCAPES_H

#include "core/py/compat.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "linetrace/original.h"
#include "linetrace/plan.h"

/* Told once what the late counters mean: `plan` has their terms only. `record`
 * is what claiming them gave. NULL: there was no memory to find out. */
typedef void (*pt_escape_file)(uint32_t record, const struct pt_plan *plan);

extern PyTypeObject pt_escape_type;

/* Make the type usable; once for a process. 0, or -1 with an exception set.
 * Needs the GIL. */
PT_MUST_CHECK int pt_escape_ready(void);

/* A new escape for the code object that `original` becomes with `counters`
 * counters, of which `counter` is the first. Keeps references. NULL with an
 * exception set when memory ran out. Needs the GIL. */
PT_MUST_CHECK PyObject *pt_escape_make(const struct pt_original *original,
                                       uint64_t *counter, uint32_t counters,
                                       uint32_t record, pt_escape_file file);

/* What the code object with this escape was. Lives as long as that. */
const struct pt_original *pt_escape_original(const PyObject *escape);

/* Has anything of the code object been counted in this process? Each of its
 * frames that waits for a call or has ended was. Needs the GIL. */
bool pt_escape_has_begun(const PyObject *escape);

#endif
