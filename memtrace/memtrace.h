/* SPDX-License-Identifier: MIT */
/* memtrace.h - exact allocation tracking of this process.
 *
 * One engine, which works over one catalog at a time: the session's, or that
 * of the tracemalloc module when there is no session that traces memory.
 */
#ifndef PT_MEMTRACE_MEMTRACE_H
#define PT_MEMTRACE_MEMTRACE_H

#include "core/py/compat.h"

#include "core/py/catalog.h"
#include "memtrace/pair.h"

/* Start recording every allocation of the three domains (PEP 445), over
 * `catalog`. 0, or -1 with a Python exception. Needs the GIL. */
PT_MUST_CHECK int pt_memtrace_start(struct pt_catalog *catalog);

/* The catalog it records over, or NULL when it is not started. Borrowed. Needs
 * the GIL. */
struct pt_catalog *pt_memtrace_catalog(void);

/* Stop recording over `catalog`; the figures stay as they are. Allocators are
 * given back if nobody put others over ours. Harmless when not started over
 * it. Needs the GIL. */
void pt_memtrace_stop(const struct pt_catalog *catalog);

/* Give the tables back after a stop. False when they must stay for ever, and
 * with them the catalog: another interpreter, which has a GIL of its own, may
 * be in a hook. Needs the GIL. */
PT_MUST_CHECK int pt_memtrace_release(void);

/* Put hooks back that others took out by force, and note in the recording that
 * memory is missing. Harmless when not started. Needs the GIL. */
void pt_memtrace_repair(void);

/* Begin a view (pair.h): what lives now is not shown by pt_memtrace_pairs().
 * Needs the GIL. */
void pt_memtrace_rebase(void);

/* The pairs of the engine, which must be started. Hooks that were taken out
 * behind our back are back after this. Needs the GIL. */
struct pt_pairs *pt_memtrace_pairs(void);

/* The pair a block of a tracemalloc domain is filed under, or 0. Needs the
 * GIL. */
uint32_t pt_memtrace_find(uint32_t domain, uintptr_t block);

/* Bytes of memory the engine's own tables occupy. Any thread. */
uint64_t pt_memtrace_resident_bytes(void);

/* To be called around fork, with the catalog that the caller forks. What this
 * thread allocates between the two is not recorded. */
void pt_memtrace_before_fork(const struct pt_catalog *catalog);
void pt_memtrace_after_fork_parent(const struct pt_catalog *catalog);
void pt_memtrace_after_fork_child(const struct pt_catalog *catalog);

#endif
