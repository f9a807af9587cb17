/* SPDX-License-Identifier: MIT */
/* attached.h - where the interpreter keeps the state of the running thread.
 *
 * CPython tells which thread state is attached only by a function, which costs
 * a hook as much as filing the block does. It keeps the answer in a variable,
 * from 3.12 on a thread local of its own that is not exported. We find that
 * variable once, by its content, and prove it by detaching for a moment; a
 * thread asks once for the address of its instance.
 */
#ifndef PT_CORE_PY_ATTACHED_H
#define PT_CORE_PY_ATTACHED_H

#include "core/py/compat.h"

/* Find the variable, if it is not known yet. Lets other threads run meanwhile.
 * Needs the GIL. */
void pt_attached_locate(void);

/* Where the state attached to the calling thread, which has one, can be read
 * as long as the thread lives; NULL when only pt_thread_attached() knows.
 * Hook-safe. */
PyThreadState *const *pt_attached_place(void);

#endif
