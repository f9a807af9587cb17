/* SPDX-License-Identifier: MIT */
/* reserve.h - blocks for a signal handler that interrupted the allocator.
 *
 * The allocator below has locks and lists in halves then, and must not be
 * entered. POSIX does not allow such a handler to allocate, but libc's own
 * malloc() mostly survives it, and so must what stands in its place.
 *
 * Some slots of three sizes, taken and given back with one atomic operation.
 * They are of this library's data, and in no figure but its size.
 */
#ifndef PT_NATIVE_RESERVE_H
#define PT_NATIVE_RESERVE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

#define PT_RESERVE_BYTES ((size_t)3 << 20)

extern char pt_reserve[PT_RESERVE_BYTES];

/* Is the block one of the reserve? Hook-safe. Any thread. */
PT_INLINE int
pt_reserve_has(const void *block)
{
    return (uintptr_t)block - (uintptr_t)pt_reserve < PT_RESERVE_BYTES;
}

/* A block, aligned to a power of two, or NULL when there is none like that.
 * Hook-safe. Any thread. */
void *pt_reserve_take(size_t bytes, size_t align);

/* What there is room for in a block; 0: it is not of the reserve. Hook-safe.
 * Any thread. */
size_t pt_reserve_bytes(const void *block);

/* 0: the block is not of the reserve. Hook-safe. Any thread. */
int pt_reserve_give_back(const void *block);

#endif
