/* SPDX-License-Identifier: MIT */
/* census.h - resident memory, explained page by page. */
#ifndef PT_NATIVE_CENSUS_H
#define PT_NATIVE_CENSUS_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/recording.h"
#include "native/regions.h"

/* Anonymous mappings of one owner. */
struct pt_census_extent {
    uint64_t mapped_bytes;
    // Both 0 when there is too much to look at:
    uint64_t resident_bytes;
    uint64_t shared_bytes;  // of them; the kernel counts them as files
};

/* What counters say, in bytes that were asked for. */
struct pt_census {
    uint64_t python_bytes;   // blocks that count as Python's
    uint64_t library_bytes;  // blocks of libraries
    uint64_t own_bytes;      // the tool's blocks
    uint64_t usable_bytes;   // of all blocks
    uint64_t shared_bytes;   // resident pages of files
    struct pt_census_extent extent[PT_REGION_OWNERS];
};

/* What an owner's mappings have in memory now, when they had `bytes` at the
 * time of `then`. */
uint64_t pt_census_carry_on(const struct pt_census *then,
                            const struct pt_census *now,
                            enum pt_region_owner owner, uint64_t bytes);

/* Read the counters alone, and look at pages where that costs little. The
 * allocator knows its own. Hook-safe. */
void pt_census_count(struct pt_census *census);

/* The same, and fill in rows and resident memory of `moment`. PT_ERR_IO: /proc
 * does not tell. Takes no memory. */
PT_MUST_CHECK int pt_census_take(struct pt_census *census,
                                 struct pt_moment *moment);

/* Look at mappings alone once more. Hook-safe. */
void pt_census_look(struct pt_census *census);

/* Take `bytes` from a row; what it has not got comes back. */
uint64_t pt_census_take_from(uint64_t *row, uint64_t bytes);

#endif
