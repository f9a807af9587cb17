/* SPDX-License-Identifier: MIT */
/* array.h - the in-memory face of one segment: an array that never moves.
 *
 * Items live in chunks; chunks live in extents of the recording. A chunk once
 * mapped stays where it is until the process ends, so pointers to items may be
 * kept and given away. `chunk[i]` is set before `items` grows past it.
 */
#ifndef PT_CORE_TIMELINE_ARRAY_H
#define PT_CORE_TIMELINE_ARRAY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

// In the hostile build chunks are small, so that there must be more of them.
#define PT_CHUNKS_MAX PT_SIZE(4096u, 32768u)

struct pt_array {
    char *_Atomic chunk[PT_CHUNKS_MAX];
    uint32_t run[PT_CHUNKS_MAX];  // chunks of the extent that starts here
    uint32_t chunks;              // mapped; under the timeline's lock
    uint32_t next_run;            // size of the next extent, in chunks
    uint32_t item_bytes;
    uint32_t chunk_shift;     // a chunk holds 1 << chunk_shift items
    _Atomic uint32_t *items;  // used items, in the recording
};

/* The item with this index, which must be below *items. Hook-safe. */
PT_INLINE void *
pt_array_at(const struct pt_array *array, uint32_t index)
{
    char *chunk = atomic_load_explicit(
        &array->chunk[index >> array->chunk_shift], memory_order_relaxed);
    uint32_t place = index & ((UINT32_C(1) << array->chunk_shift) - 1);

    return chunk + (size_t)place * array->item_bytes;
}

#endif
