/* SPDX-License-Identifier: MIT */
/* probe.h - the constant that counts: `~probe` adds one to a counter.
 *
 * A rewritten code object holds probes among its constants and runs
 * `LOAD_CONST p; UNARY_INVERT; POP_TOP`. Probes are never freed, and neither
 * may be the counters they point at: code objects are copied by programs in
 * ways we do not see. Pickled by value (cloudpickle) a probe becomes the int
 * 0, which can be inverted too, needs no pytrace to be loaded, and counts
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

/* `offset + selector` adds one to a counter if the offset, in code units, is
 * in one of its stretches. For handlers whose line event depends on who
 * raised; far from any hot path. Pickled, it becomes 0 as well. */
struct pt_selector {
    PyObject_HEAD uint64_t *counter;
    size_t stretches;
    uint32_t unit[];  // from and to of each stretch, owned
};

extern PyTypeObject pt_probe_type;
extern PyTypeObject pt_once_type;  // a probe that leaves the code it ran in
extern PyTypeObject pt_selector_type;

/* What all constants that count have in common. */
extern PyMethodDef pt_probe_methods[];
PyObject *pt_probe_repr(PyObject *self);
void pt_probe_dealloc(PyObject *self);

/* Make the types usable; once for a process. 0, or -1 with an exception set.
 * Needs the GIL. */
PT_MUST_CHECK int pt_probe_ready(void);

/* `count` neighbouring probes on counter[0], counter[1] ...; they live for
 * ever. NULL with an exception set when memory ran out. Needs the GIL. */
PT_MUST_CHECK struct pt_probe *pt_probe_make(uint64_t *counter, size_t count);

/* A selector that lives for ever; copies `unit`. NULL with an exception set
 * when memory ran out. Needs the GIL. */
PT_MUST_CHECK PyObject *
pt_selector_make(uint64_t *counter, const uint32_t *unit, size_t stretches);

/* True for a probe. Needs the GIL. */
static inline bool
pt_probe_check(PyObject *object)
{
    return Py_TYPE(object) == &pt_probe_type ||
           Py_TYPE(object) == &pt_once_type;
}

#endif
