/* SPDX-License-Identifier: MIT */
/* blocktable.h - from the address of a block to its pair.
 *
 * Three shadow tables (core/base/shadow.h), by the size of the block:
 *
 *     up to 512 bytes  fine       a slot for each 16 bytes of heap
 *     up to 8 KiB      coarse[0]  for each 512: no two such blocks begin there
 *     more             coarse[1]  for each 8 KiB
 *
 * So small blocks, which most are, cost one load, and what is large does not
 * cost a page of slots for each few blocks. A coarse slot knows where in its
 * window the block begins:
 *
 *     slot = (address % window / 16) << 23 | pair
 *
 * Extensions may report what is no block of an allocator, and there two may
 * begin in one window: the second is filed in the fine table.
 */
#ifndef PT_MEMTRACE_BLOCKTABLE_H
#define PT_MEMTRACE_BLOCKTABLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/base/shadow.h"

#define PT_BLOCKTABLE_FINE_BYTES 512  // as pymalloc has it
#define PT_BLOCKTABLE_COARSE 2

struct pt_blocktable {
    struct pt_shadow fine;  // slots may hold more than pairs (recorder.h)
    struct pt_shadow coarse[PT_BLOCKTABLE_COARSE];
};

/* Make an empty table. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_blocktable_init(struct pt_blocktable *table);

/* Unmap everything. Harmless on a released table. No hook may be inside. */
void pt_blocktable_release(struct pt_blocktable *table);

/* File a block; *old is what was filed under its address and not taken out, or
 * 0. A small block does not find an old large one, which stays. The address is
 * one that shadow tables do not refuse. PT_ERR_NOMEM: not filed. Hook-safe.
 * The thread that owns the block. */
PT_MUST_CHECK int pt_blocktable_put(struct pt_blocktable *table,
                                    uintptr_t block, size_t bytes, uint32_t id,
                                    uint32_t *old);

/* What a block is filed under, or 0; taken out of the table or not. Hook-safe.
 * The thread that owns the block. */
uint32_t pt_blocktable_take(struct pt_blocktable *table, uintptr_t block);
uint32_t pt_blocktable_get(const struct pt_blocktable *table, uintptr_t block);

/* Memory the table occupies, in bytes of touched pages. Any thread. */
uint64_t pt_blocktable_resident_bytes(const struct pt_blocktable *table);

#endif
