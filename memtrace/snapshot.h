/* SPDX-License-Identifier: MIT */
/* snapshot.h - the live counts of one moment, and what is needed to read them.
 *
 * A copy of counters, not of blocks: a row stands for all blocks of one size
 * allocated at one place. It needs nothing of the engine any more.
 *
 *     node[0] is the frame of blocks allocated by no Python code, file[0] its
 *     name; the callers of node n are node[n].parent and so on until node 0.
 *     parent < n for every node n > 0.
 */
#ifndef PT_MEMTRACE_SNAPSHOT_H
#define PT_MEMTRACE_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/dumped.h"
#include "memtrace/pair.h"

struct pt_snapshot_file {
    size_t at;  // in text
    size_t bytes;
};

struct pt_snapshot {
    uint32_t limit;  // frames of a traceback that are shown
    uint32_t nodes;
    uint32_t rows;
    uint32_t files;
    struct pt_snapshot_node *node;
    struct pt_snapshot_row *row;
    struct pt_snapshot_file *file;
    char *text;
};

/* Copy the live pairs of the view. PT_ERR_NOMEM leaves nothing to release.
 * Needs the GIL. */
PT_MUST_CHECK int pt_snapshot_capture(struct pt_snapshot *snapshot,
                                      const struct pt_pairs *pairs,
                                      uint32_t limit);

/* Make a snapshot with room for so many of each, zeroed. PT_ERR_NOMEM leaves
 * nothing to release. */
PT_MUST_CHECK int pt_snapshot_init(struct pt_snapshot *snapshot,
                                   uint32_t nodes, uint32_t rows);

/* Copy a snapshot, without its files, keeping rows where keep[row] is not 0.
 * PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_snapshot_select(struct pt_snapshot *copy,
                                     const struct pt_snapshot *snapshot,
                                     const unsigned char *keep);

/* Free everything. Harmless on a released snapshot. */
void pt_snapshot_release(struct pt_snapshot *snapshot);

/* Does it hold what the struct promises, in fewer blocks than PTRDIFF_MAX? */
int pt_snapshot_is_sound(const struct pt_snapshot *snapshot);

#endif
