/* SPDX-License-Identifier: MIT */
/* grouping.h - rows of snapshots summed by file, by line or by traceback.
 *
 * A trail is a traceback seen from its newest frame: trail[t] is one frame, in
 * front of the newer ones trail[trail[t].newer] and so on until trail 0. Equal
 * tracebacks are the same trail, whatever snapshots and nodes they come from;
 * so a trail is the key of a group, and two snapshots are compared by adding
 * both to one grouping, on different sides.
 */
#ifndef PT_MEMTRACE_GROUPING_H
#define PT_MEMTRACE_GROUPING_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/base/idmap.h"
#include "memtrace/snapshot.h"

enum pt_group_key {
    PT_GROUP_TRACEBACK,
    PT_GROUP_LINENO,
    PT_GROUP_FILENAME,
};

enum pt_group_mode {
    PT_GROUP_NEWEST,      // a block belongs to its newest frame
    PT_GROUP_CUMULATIVE,  // to every frame of its traceback
};

enum pt_group_side {
    PT_SIDE_NEW,
    PT_SIDE_OLD,
    PT_SIDES,
};

struct pt_trail {
    uint32_t newer;
    uint32_t file;  // in the numbering of file_of[]
    uint32_t line;
    uint32_t frames;  // with all newer ones
};

struct pt_group {
    uint64_t bytes[PT_SIDES];
    uint64_t count[PT_SIDES];  // both 0: a trail that is no group
};

struct pt_grouping {
    struct pt_idmap ids;
    struct pt_trail *trail;
    struct pt_group *group;  // of the trail with the same number
    uint32_t used;           // trails; from 1
    uint32_t room;
};

/* Make an empty grouping. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_grouping_init(struct pt_grouping *grouping);

/* Free all. Harmless on a released grouping. */
void pt_grouping_release(struct pt_grouping *grouping);

/* Add the rows of a snapshot to one side. file_of[i] is the number of its file
 * i in the numbering that all snapshots of a grouping share. PT_ERR_NOMEM: the
 * sums mean nothing. */
PT_MUST_CHECK int pt_grouping_add(struct pt_grouping *grouping,
                                  const struct pt_snapshot *snapshot,
                                  const uint32_t *file_of,
                                  enum pt_group_key key,
                                  enum pt_group_mode mode,
                                  enum pt_group_side side);

/* The trail of a node's traceback, as far as the snapshot's limit shows it; 0
 * when there is no memory. */
uint32_t pt_grouping_trail(struct pt_grouping *grouping,
                           const struct pt_snapshot *snapshot,
                           const uint32_t *file_of, uint32_t node);

#endif
