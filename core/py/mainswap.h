/* SPDX-License-Identifier: MIT */
/* mainswap.h - another code object in the place of the main script's.
 *
 * The interpreter compiles and runs a script (or -c) in C: no import hook sees
 * it. So for the time between our start and the script's first instruction we
 * stand in front of frame evaluation (PEP 523), and then step aside for good,
 * for the hook would cost every call of the program.
 */
#ifndef PT_CORE_PY_MAINSWAP_H
#define PT_CORE_PY_MAINSWAP_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* A new reference to the code object to run instead, maybe `code` itself.
 * Must not raise. */
typedef PyCodeObject *(*pt_mainswap_func)(PyCodeObject *code);

/* Have the main script's code replaced by what `func` gives. 0, or -1 with an
 * exception. Needs the GIL. */
PT_MUST_CHECK int pt_mainswap_start(pt_mainswap_func func);

/* Step aside, if that has not happened yet. Needs the GIL. */
void pt_mainswap_stop(void);

#endif
