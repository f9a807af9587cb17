/* SPDX-License-Identifier: MIT */
/* funcmade.h - functions that a program builds by hand from code objects.
 *
 * types.FunctionType(code, ...) and `f.__code__ = code` run code that no
 * loader has seen. Where CPython tells nobody of new code objects (before
 * 3.12) we stand in front of these two.
 */
#ifndef PT_CORE_PY_FUNCMADE_H
#define PT_CORE_PY_FUNCMADE_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* A new reference to the code object to run instead, maybe `code` itself.
 * Must not raise. */
typedef PyCodeObject *(*pt_funcmade_func)(PyCodeObject *code);

/* Have `func` asked for the code of each function built by hand. 0, or -1
 * with an exception. Needs the GIL. */
PT_MUST_CHECK int pt_funcmade_start(pt_funcmade_func func);

/* Ask no more; harmless when not started. Needs the GIL. */
void pt_funcmade_stop(void);

#endif
