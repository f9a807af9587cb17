/* SPDX-License-Identifier: MIT */
/* hookset.h - functions in front of Python's allocators, put in and taken out.
 *
 * A set stands in front of all three domains (PEP 445); what was there before,
 * another set of ours or another tool's, is called by it as `inner`. Sets that
 * somebody else stands in front of stay where they are.
 * All functions need the GIL.
 */
#ifndef PT_MEMTRACE_HOOKSET_H
#define PT_MEMTRACE_HOOKSET_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

enum pt_hook_domain {
    PT_HOOK_RAW,  // called by any thread
    PT_HOOK_MEM,  // these two with a GIL
    PT_HOOK_OBJ,
    PT_HOOK_DOMAINS,
};

struct pt_hookset {
    PyMemAllocatorEx raw;  // the functions for RAW,
    PyMemAllocatorEx gil;  // and for MEM and OBJ; their context is &inner[i]
    PyMemAllocatorEx inner[PT_HOOK_DOMAINS];
    int is_installed[PT_HOOK_DOMAINS];
};

/* Put the set in front of every domain where it is not yet. */
void pt_hookset_install(struct pt_hookset *set);

/* Did somebody take the set out of a domain by force, as standard tracemalloc
 * does when it was started before us and is stopped? Then it is not installed
 * there any more. To see that, the tool asks for a block. */
int pt_hookset_is_lost(struct pt_hookset *set, enum pt_hook_domain domain);

/* Put the set back where it is lost; of how many domains. */
int pt_hookset_repair(struct pt_hookset *set);

/* The set that this thread asks for, or NULL. */
extern PT_THREAD_LOCAL const struct pt_hookset *pt_hookset_sought;

/* To be called by a set's functions that make a block for the tool. */
PT_INLINE void
pt_hookset_here(const struct pt_hookset *set)
{
    if (pt_unlikely(pt_hookset_sought == set)) {
        pt_hookset_sought = NULL;
    }
}

/* Take the set out of every domain where it is the outermost. */
void pt_hookset_remove(struct pt_hookset *set);

#endif
