/* SPDX-License-Identifier: MIT */
/* census.h - resident memory, explained page by page. */
#ifndef PT_NATIVE_CENSUS_H
#define PT_NATIVE_CENSUS_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/recording.h"

/* What counters say, in bytes that were asked for. */
struct pt_census {
    uint64_t python_bytes;   // blocks that count as Python's
    uint64_t arena_bytes;    // mapped by Python's allocators
    uint64_t library_bytes;  // blocks of libraries
    uint64_t mapped_bytes;   // mapped by libraries
    uint64_t own_bytes;      // the tool's blocks
    uint64_t usable_bytes;   // of all blocks
    uint64_t shared_bytes;   // resident pages of files
};

/* Read the counters alone. Hook-safe. */
void pt_census_count(struct pt_census *census);

/* The same, and fill in rows and resident memory of `moment`. PT_ERR_IO: /proc
 * does not tell. Takes no memory. */
PT_MUST_CHECK int pt_census_take(struct pt_census *census,
                                 struct pt_moment *moment);

#endif
