/* SPDX-License-Identifier: MIT */
/* doorway.h - the extension's side of the native tier (core/timeline/door.h).
 */
#ifndef PT_MEMTRACE_DOORWAY_H
#define PT_MEMTRACE_DOORWAY_H

#include "core/py/compat.h"

#include "core/timeline/door.h"

/* The door of the preloaded library, or NULL when there is none, it is of
 * another build, or it records nothing. Any thread. */
struct pt_door *pt_doorway_find(void);

/* Tell the library from now on what Python code runs; the memory engine must
 * be started. Needs the GIL. */
void pt_doorway_open(struct pt_door *door);

/* Tell it no more. Harmless when it was not told. Needs the GIL. */
void pt_doorway_close(void);

/* A block was reported to tracemalloc, or taken back. Hook-safe. Any thread.
 */
void pt_doorway_file_as(uintptr_t block, enum pt_native_kind kind);

#endif
