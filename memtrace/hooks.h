/* SPDX-License-Identifier: MIT */
/* hooks.h - the allocator functions we put in front of Python's. */
#ifndef PT_MEMTRACE_HOOKS_H
#define PT_MEMTRACE_HOOKS_H

#include "core/py/compat.h"

/* Put the hooks in front of the three domains; they pass everything on until
 * the recorder is on. Needs the GIL. */
void pt_hooks_install(void);

/* Put hooks back that somebody took out by force; how many there were. Needs
 * the GIL. */
int pt_hooks_repair(void);

/* Take the hooks out of every domain where they are still outermost; in others
 * they stay, and pass everything on while the recorder is off. Needs the GIL.
 */
void pt_hooks_remove(void);

/* An object was made in this block, which was not allocated for it: it came
 * off a free list and is now the current line's. Hook-safe, with the GIL. */
void pt_hooks_reuse(void *block);

#endif
