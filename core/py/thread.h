/* SPDX-License-Identifier: MIT */
/* thread.h - doing something first and last in every new thread.
 *
 * CPython has no such hook; threading.settrace would pull in `threading` and
 * leave out threads started with _thread. So the functions through which all
 * are started, _thread.start_new_thread and, from 3.13 on,
 * start_joinable_thread, are replaced by ours.
 */
#ifndef PT_CORE_PY_THREAD_H
#define PT_CORE_PY_THREAD_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Called with the GIL, in the thread. */
struct pt_thread_watcher {
    void (*on_start)(void);  // may be NULL
    void (*on_stop)(void);
};

/* Have a watcher, which must stay where it is, told of threads that start from
 * now on, and once of each if it is added again. 0, or -1 with an exception.
 * Needs the GIL. */
PT_MUST_CHECK int pt_thread_watch(const struct pt_thread_watcher *watcher);

/* Tell it no more. Harmless when it is not told. Needs the GIL. */
void pt_thread_unwatch(const struct pt_thread_watcher *watcher);

/* The name of this thread, as `threading` has it; one that it does not know is
 * called by its number. Runs no Python code. New reference, or NULL with an
 * exception. */
PyObject *pt_thread_name(void);

#endif
