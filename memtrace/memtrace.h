/* SPDX-License-Identifier: MIT */
/* memtrace.h - exact allocation tracking of this process. */
#ifndef PT_MEMTRACE_MEMTRACE_H
#define PT_MEMTRACE_MEMTRACE_H

#include "core/py/compat.h"

#include "core/py/catalog.h"

/* Start recording every allocation of the three domains (PEP 445), over
 * `catalog`. 0, or -1 with a Python exception. Needs the GIL. */
PT_MUST_CHECK int pt_memtrace_start(struct pt_catalog *catalog);

/* Stop recording; the figures stay as they are. Allocators are given back if
 * nobody put others over ours. Harmless when not started. Needs the GIL. */
void pt_memtrace_stop(void);

/* Bytes of memory the engine's own tables occupy. Any thread. */
uint64_t pt_memtrace_resident_bytes(void);

/* To be called around fork. */
void pt_memtrace_before_fork(void);
void pt_memtrace_after_fork(void);

#endif
