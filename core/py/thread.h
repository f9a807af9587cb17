/* SPDX-License-Identifier: MIT */
/* thread.h - running something first in every new thread.
 *
 * CPython has no such hook before 3.12's monitoring made most of its uses
 * needless; threading.settrace would pull in `threading` and leave out threads
 * started with _thread. So the one function through which all are started,
 * _thread.start_new_thread, is replaced by one of ours.
 */
#ifndef PT_CORE_PY_THREAD_H
#define PT_CORE_PY_THREAD_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Replace _thread.start_new_thread, once. 0, or -1 with an exception. Needs
 * the GIL. */
PT_MUST_CHECK int pt_thread_patch(void);

/* What a new thread does first, with the GIL; NULL for nothing. */
void pt_thread_on_start(void (*func)(void));

#endif
