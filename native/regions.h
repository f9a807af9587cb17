/* SPDX-License-Identifier: MIT */
/* regions.h - what was mapped through us: who mapped which addresses.
 *
 * A sorted table of disjoint ranges, from the first mmap() of the process on,
 * before anything is recorded. Mappings that libc makes for itself (stacks of
 * threads, the files of libraries) are not in it.
 *
 * It has a lock, as mappings are few. A signal handler that interrupted the
 * thread which has it gives up: its mapping is then nobody's. jemalloc maps
 * while it holds locks of its own, so nothing in here may allocate.
 */
#ifndef PT_NATIVE_REGIONS_H
#define PT_NATIVE_REGIONS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

enum pt_region_owner {
    PT_REGION_LIBRARY,    // some library, by a call of its own
    PT_REGION_PYTHON,     // Python's allocators: arenas
    PT_REGION_ALLOCATOR,  // jemalloc
    PT_REGION_TOOL,
    PT_REGION_OWNERS,
};

enum pt_region_kind {
    PT_REGION_PRIVATE,  // anonymous
    PT_REGION_SHARED,   // anonymous, and a file to the kernel
    PT_REGION_FILE,
};

struct pt_region {
    uintptr_t start;
    uintptr_t end;
    uintptr_t site;    // where the call of mmap() returns to
    uint32_t owner;    // enum pt_region_owner
    uint32_t pair;     // a native pair, or 0
    uint16_t kind;     // enum pt_region_kind
    uint16_t is_full;  // all of its pages were in memory
};

/* Add a range, in place of what was there. Hook-safe. Any thread. */
void pt_regions_add(const struct pt_region *region);

/* Called with the lock held, so that it may not map anything. */
typedef void (*pt_regions_func)(void *context, struct pt_region *region);

/* What is left of the regions at both ends of a range that was taken out. */
struct pt_regions_rest {
    struct pt_region region[2];
    uint32_t regions;
    uint32_t removed;  // regions that had an address in the range
};

/* Take a range out. `gone` is called for each region that had an address in
 * it. Hook-safe. Any thread. */
struct pt_regions_rest pt_regions_remove(uintptr_t start, uintptr_t end,
                                         pt_regions_func gone, void *context);

/* Call `func` for each region that has an address in [start, end), in order.
 * It may change all but addresses. Hook-safe. Any thread. */
void pt_regions_visit(uintptr_t start, uintptr_t end, pt_regions_func func,
                      void *context);

/* In a forked child, where nobody has the lock. */
void pt_regions_after_fork_child(void);

#endif
