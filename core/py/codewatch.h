/* SPDX-License-Identifier: MIT */
/* codewatch.h - being told when code objects are made and when they die.
 *
 * 3.12 and newer: PyCode_AddWatcher (CPython docs, C API, Code Objects). 3.11:
 * only deaths, and only of marked code, by the free function of a code extra.
 */
#ifndef PT_CORE_PY_CODEWATCH_H
#define PT_CORE_PY_CODEWATCH_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Told with the GIL held; must not raise. `code` may be read, in a death too:
 * its names and location table are still there. */
typedef void (*pt_codewatch_func)(PyCodeObject *code);

enum pt_codewatch_event {
    PT_CODEWATCH_CREATED,  // never on 3.11
    PT_CODEWATCH_DESTROYED,
    PT_CODEWATCH_EVENTS,
};

/* Add a listener; one that is in already is told once all the same. 0, or -1
 * with a Python exception. Needs the GIL. */
PT_MUST_CHECK int pt_codewatch_add(enum pt_codewatch_event event,
                                   pt_codewatch_func func);

/* Take a listener out; harmless when it is not in. Needs the GIL. */
void pt_codewatch_remove(enum pt_codewatch_event event,
                         pt_codewatch_func func);

/* Ask to be told of this code object's death. 0, or -1 when there was no
 * memory (no exception is set). Hook-safe with the GIL. */
PT_MUST_CHECK int pt_codewatch_mark(PyCodeObject *code);

#endif
