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

/* Have every new thread do this first, with the GIL, or not any more. There is
 * room for 4 such functions. */
void pt_thread_on_start(void (*func)(void));
void pt_thread_forget_start(void (*func)(void));

/* The name of this thread, as `threading` has it; one that it does not know is
 * called by its number. Runs no Python code. New reference, or NULL with an
 * exception. */
PyObject *pt_thread_name(void);

#endif
