/* SPDX-License-Identifier: MIT */
/* foreign.h - blocks that extensions report to tracemalloc.
 *
 * numpy and others say PyTraceMalloc_Track(domain, address, size) for memory
 * that does not come from Python's allocators. Their calls are redirected to
 * us, which passes them on too, so that the standard module, if it runs, sees
 * them as ever. Not redirected: calls from modules that are linked into the
 * interpreter itself, by ctypes, and while a module that is being imported
 * initialises itself for the first time.
 */
#ifndef PT_MEMTRACE_FOREIGN_H
#define PT_MEMTRACE_FOREIGN_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* See to it that extensions which are loaded later are redirected too, if the
 * recorder is on by then. 0, or -1 with an exception. Needs the GIL. */
PT_MUST_CHECK int pt_foreign_prepare(void);

/* Redirect the calls of all extensions, loaded now or later, for ever; they
 * cost nothing while the recorder is off. 0, or -1 with an exception. Needs
 * the GIL. */
PT_MUST_CHECK int pt_foreign_start(void);

/* What _PyTraceMalloc_GetTraceback() says of our blocks: a new reference or
 * NULL with an exception, Py_None when `pair` is 0. */
typedef PyObject *(*pt_foreign_traceback_func)(uint32_t pair);
void pt_foreign_on_traceback(pt_foreign_traceback_func func);

#endif
