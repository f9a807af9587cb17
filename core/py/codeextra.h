/* SPDX-License-Identifier: MIT */
/* codeextra.h - one of the few places for a pointer on each code object. */
#ifndef PT_CORE_PY_CODEEXTRA_H
#define PT_CORE_PY_CODEEXTRA_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Take an index for pt_extra_set(), if *index, which begins as -1, is none
 * yet; `forget` is called with what a dying code object had there. It is never
 * given back. 0, or -1 with an exception. Needs the GIL. */
PT_MUST_CHECK int pt_codeextra_take(Py_ssize_t *index, freefunc forget);

#endif
