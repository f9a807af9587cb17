/* SPDX-License-Identifier: MIT */
/* probe.h - the constant that counts: to run it adds one to a counter.
 *
 * A rewritten code object holds probes among its constants and runs
 *
 *     LOAD_CONST p; UNARY_INVERT; POP_TOP    where `~p` counts, or
 *     LOAD_CONST p; FOR_ITER                 an iterator that is at its end
 *
 * (bytecode.h, runs_probe). Probes are never freed, and neither may be the
 * counters they point at: code objects are copied by programs in ways we do
 * not see. Pickled by value (cloudpickle) one becomes the int 0 or an empty
 * iterator, which is run alike, needs no pytrace to be loaded, and counts
 * nothing.
 */
#ifndef PT_LINETRACE_PROBE_H
#define PT_LINETRACE_PROBE_H

#include "core/py/compat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

struct pt_probe {
    PyObject_HEAD uint64_t
        *counter;  // written with the GIL; not owned, lives for ever
};

extern PyTypeObject pt_probe_type;

/* What constants that count have in common; the methods are of those that are
 * operands, the first ones of those that are run. */
extern PyMethodDef pt_probe_methods[], pt_operand_methods[];
PyObject *pt_probe_repr(PyObject *self);
void pt_probe_dealloc(PyObject *self);

/* Make the types usable; once for a process. 0, or -1 with an exception set.
 * Needs the GIL. */
PT_MUST_CHECK int pt_probe_ready(void);

/* `count` neighbouring probes on counter[0], counter[1] ...; they live for
 * ever. NULL with an exception set when memory ran out. Needs the GIL. */
PT_MUST_CHECK struct pt_probe *pt_probe_make(uint64_t *counter, size_t count);

/* A stand-in for the int `value` on one counter: `~standin` counts, and is
 * that int. Pickled, it becomes an int of which that is true. It lives for
 * ever. NULL with an exception set when memory ran out. Needs the GIL. */
PT_MUST_CHECK PyObject *pt_standin_make(uint64_t *counter, PyObject *value);

/* A selector: `offset + selector` adds one to a counter if the offset, in code
 * units, is in one of its stretches, of which `unit` has from and to. For
 * handlers whose line event depends on who raised; far from any hot path.
 * Pickled, it becomes 0 as well. It lives for ever and copies `unit`. NULL
 * with an exception set when memory ran out. Needs the GIL. */
PT_MUST_CHECK PyObject *
pt_selector_make(uint64_t *counter, const uint32_t *unit, size_t stretches);

/* Begin an object of a type of ours in zeroed memory: it lives for ever. Needs
 * the GIL. */
static inline void
pt_probe_begin(PyObject *object, PyTypeObject *type)
{
    object->ob_type = type;
    Py_SET_REFCNT(object, PT_REFCNT_FOREVER);
}

/* True for each constant that counts, whatever it is. Needs the GIL. */
static inline bool
pt_probe_check(PyObject *object)
{
    return Py_TYPE(object)->tp_repr == pt_probe_repr;
}

#endif
