/* SPDX-License-Identifier: MIT */
/* codeface.h - what a program reads of a code object's instructions.
 *
 * Programs that compile functions themselves (numba) or take them apart read
 * co_code, co_consts and the tables beside them. Whoever runs other code than
 * the compiler made may have these read from the compiler's own.
 */
#ifndef PT_CORE_PY_CODEFACE_H
#define PT_CORE_PY_CODEFACE_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* A new reference to the code object to read from, maybe `code` itself; NULL
 * with an exception set. `consts` are the constants that the program wants a
 * copy of the code to have instead, or NULL. */
typedef PyCodeObject *(*pt_codeface_func)(PyCodeObject *code,
                                          PyObject *consts);

/* Have `func` asked whenever the program reads what instructions are made of,
 * and by code.replace(). 0, or -1 with an exception. Needs the GIL. */
PT_MUST_CHECK int pt_codeface_start(pt_codeface_func func);

/* Ask no more; harmless when not started. Needs the GIL. */
void pt_codeface_stop(void);

#endif
