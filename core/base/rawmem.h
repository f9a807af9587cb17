/* SPDX-License-Identifier: MIT */
/* rawmem.h - the tool's own memory, never the traced heap.
 *
 * Small, cold things come from malloc; tables that hooks touch are mapped
 * regions, so that the traced program's allocators never see us. Mapped bytes
 * are counted, for the report states what the tool itself took.
 * In the torture build the n-th allocation fails (pt_rawmem_fail_at).
 */
#ifndef PT_CORE_BASE_RAWMEM_H
#define PT_CORE_BASE_RAWMEM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

/* True in a thread that is inside one of the next three functions: what malloc
 * is asked for is the tool's. Hook-safe. */
extern PT_THREAD_LOCAL int pt_rawmem_is_asking;

/* `count` zeroed items of `item_bytes`, or NULL (also when the product
 * overflows). Free with pt_rawmem_free. Any thread; not hook-safe. */
void *pt_rawmem_array(size_t count, size_t item_bytes);

/* Resize to `count` items; the old block stays valid when this returns NULL.
 * New items are not cleared. Any thread; not hook-safe. */
void *pt_rawmem_resize(void *block, size_t count, size_t item_bytes);

/* A copy of `bytes` bytes, or NULL. Any thread; not hook-safe. */
void *pt_rawmem_copy(const void *block, size_t bytes);

/* Free what the three functions above gave; NULL is harmless. Any thread; not
 * hook-safe. */
void pt_rawmem_free(void *block);

/* `bytes` (a multiple of the page size is best) of zeroed memory of which only
 * touched pages cost anything, or NULL. Hook-safe. Any thread. */
void *pt_rawmem_map(size_t bytes);

/* Give a mapped region back. Hook-safe. Any thread. */
void pt_rawmem_unmap(void *region, size_t bytes);

/* Make the whole pages of a mapped range read as zero and cost nothing.
 * Hook-safe. Any thread. */
void pt_rawmem_discard(void *start, size_t bytes);

/* Count `bytes` of a mapping made elsewhere (a file's) as the tool's own;
 * negative to take back. Hook-safe. Any thread. */
void pt_rawmem_account(int64_t bytes);

/* Keep `*place` equal to pt_rawmem_mapped_bytes() from now on, so that it is
 * known even of a process that is killed; NULL to end that. Any thread. */
void pt_rawmem_publish(_Atomic uint64_t *place);

/* Bytes mapped now by this process: an upper bound of what is resident.
 * Hook-safe. Any thread. */
uint64_t pt_rawmem_mapped_bytes(void);

/* Which pages of a region that starts with one are in memory: a byte for each
 * in `in_memory`, of which there are `room`; how many parts the region was
 * cut into. 1, as if all of it were, when that cannot be told. Hook-safe. */
size_t pt_rawmem_look(const void *region, size_t bytes,
                      unsigned char *in_memory, size_t room);

/* Bytes of `region` that are in memory now (mincore). Any thread. */
uint64_t pt_rawmem_resident_bytes(const void *region, size_t bytes);

#ifdef PT_TORTURE
/* Make the `nth` allocation from now fail, once; 0 never. */
void pt_rawmem_fail_at(uint64_t nth);

/* True once the failure asked for has been delivered. */
int pt_rawmem_has_failed(void);
#endif

#endif
