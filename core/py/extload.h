/* SPDX-License-Identifier: MIT */
/* extload.h - being told when an extension module was loaded.
 *
 * Python loads them all through _imp.create_dynamic, which is replaced by one
 * of ours: an audit hook could never be taken out again, and every audited
 * call would pay for it.
 */
#ifndef PT_CORE_PY_EXTLOAD_H
#define PT_CORE_PY_EXTLOAD_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Replace _imp.create_dynamic, once; `func` is called after each load, with
 * the GIL. 0, or -1 with an exception. Needs the GIL. */
PT_MUST_CHECK int pt_extload_watch(void (*func)(void));

#endif
