/* SPDX-License-Identifier: MIT */
/* dumped.h - the arrays in a file of Snapshot.dump(): see docs/python.md.
 *
 * They are written by the extension, from live counts, and by the program,
 * from a recording.
 */
#ifndef PT_CORE_TIMELINE_DUMPED_H
#define PT_CORE_TIMELINE_DUMPED_H

#include <assert.h>
#include <stdint.h>

#define PT_SNAPSHOT_UNKNOWN "<unknown>"  // name of file 0
#define PT_SNAPSHOT_NO_TOTAL UINT32_MAX

struct pt_snapshot_node {
    uint32_t parent;
    uint32_t file;
    uint32_t line;
    uint32_t depth;  // frames from the root to here
};

struct pt_snapshot_row {
    uint64_t size_bytes;  // of one block
    uint64_t count;       // of blocks; not 0
    uint32_t node;
    uint32_t domain;
    uint32_t total;  // frames of the whole stack, or PT_SNAPSHOT_NO_TOTAL
    uint32_t reserved;
};

static_assert(sizeof(struct pt_snapshot_node) == 16, "file format");
static_assert(sizeof(struct pt_snapshot_row) == 32, "file format");

#endif
