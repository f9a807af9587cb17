/* SPDX-License-Identifier: MIT */
/* loading.h - seeing code objects just before they are run as programs.
 *
 * Modules of every kind of loader, runpy and users' own loaders all end in
 * exec(code, namespace), so builtins.exec is replaced, and eval with it: no
 * frame is added, and what is handed out by loaders and written to .pyc files
 * stays the compiler's own code. The main script does not go through exec:
 * core/py/mainswap.h.
 */
#ifndef PT_LINETRACE_LOADING_H
#define PT_LINETRACE_LOADING_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* A new reference to the code object to run instead, maybe `code` itself.
 * Must not raise. */
typedef PyCodeObject *(*pt_loading_func)(PyCodeObject *code);

/* Have `func` asked for every code object that is loaded. 0, or -1 with an
 * exception. Needs the GIL. */
PT_MUST_CHECK int pt_loading_start(pt_loading_func func);

/* Ask no more. The builtins are put back if they are still ours. Needs the
 * GIL. */
void pt_loading_stop(void);

/* Is the running code the import system or the compiler of the main script?
 * What they make comes to us before it is run. Needs the GIL. */
int pt_loading_is_loader_running(void);

#endif
