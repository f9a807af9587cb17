/* SPDX-License-Identifier: MIT */
/* sampler.h - the sampled tier: a few blocks in the place of all.
 *
 * Points are thrown on the bytes that a thread allocates (core/base/poisson.h)
 * and only blocks with a point in them are filed, each with its whole stack;
 * all that other blocks cost is a subtraction when they are allocated and one
 * look into a small table when they are freed. Pairs count the blocks of the
 * sample; their totals are what those stand for.
 *
 * It has nothing in common with the exact engine (memtrace.h) but the catalog,
 * so that a program may use pytrace.tracemalloc while it is sampled.
 */
#ifndef PT_MEMTRACE_SAMPLER_H
#define PT_MEMTRACE_SAMPLER_H

#include "core/py/compat.h"

#include <stddef.h>
#include <stdint.h>

#include "core/py/catalog.h"

/* Points lie so many bytes apart, on average. */
#define PT_SAMPLER_BYTES (512u * 1024u)

/* Begin to sample the allocations of all domains over `catalog`, for good. 0,
 * or -1 with a Python exception. Needs the GIL. */
PT_MUST_CHECK int pt_sampler_start(struct pt_catalog *catalog);

/* The catalog it records over, or NULL. */
const struct pt_catalog *pt_sampler_catalog(void);

/* Stop; the figures stay as they are. Harmless when not started over it. Needs
 * the GIL. */
void pt_sampler_stop(const struct pt_catalog *catalog);

/* Bytes of memory that its own tables occupy at the most. Any thread. */
uint64_t pt_sampler_mapped_bytes(void);

/* A block of an extension was born or died. Hook-safe. Any thread. */
void pt_sampler_track(uint32_t domain, uintptr_t block, size_t bytes);
void pt_sampler_untrack(uint32_t domain, uintptr_t block);

/* To be called around fork, with the catalog that the caller forks; in the
 * child the second one and then the third. */
void pt_sampler_before_fork(const struct pt_catalog *catalog);
void pt_sampler_after_fork_child(const struct pt_catalog *catalog);
void pt_sampler_after_fork_parent(const struct pt_catalog *catalog);

#endif
