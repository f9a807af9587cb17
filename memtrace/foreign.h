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

/* What _PyTraceMalloc_GetTraceback() says of a block of ours: a new reference
 * or NULL with an exception. */
typedef PyObject *(*pt_foreign_traceback_func)(uint32_t pair);

/* Have extensions see that somebody traces: their calls succeed, and `func`
 * answers them where the standard module does not. With NULL they see what
 * they would without us, blocks being recorded or not. Needs the GIL. */
void pt_foreign_show(pt_foreign_traceback_func func);

#endif
