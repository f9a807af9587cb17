/* SPDX-License-Identifier: MIT */
/* grouping.c - trails, and the sums over them. */
#include "memtrace/grouping.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

#define FIRST_ROOM PT_SIZE(1024u, 2u)

static int
grow(struct pt_grouping *grouping)
{
    uint32_t room = grouping->room != 0 ? grouping->room * 2 : FIRST_ROOM;
    struct pt_trail *trail =
        pt_rawmem_resize(grouping->trail, room, sizeof(*trail));
    struct pt_group *group;

    if (trail == NULL) {
        return PT_ERR_NOMEM;
    }
    grouping->trail = trail;
    group = pt_rawmem_resize(grouping->group, room, sizeof(*group));
    if (group == NULL) {
        return PT_ERR_NOMEM;
    }
    memset(group + grouping->room, 0,
           (room - grouping->room) * sizeof(*group));
    grouping->group = group;
    grouping->room = room;
    return PT_OK;
}

int
pt_grouping_init(struct pt_grouping *grouping)
{
    *grouping = (struct pt_grouping){.used = 1};
    if (pt_idmap_init(&grouping->ids) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    if (grow(grouping) != PT_OK) {
        pt_grouping_release(grouping);
        return PT_ERR_NOMEM;
    }
    grouping->trail[0] = (struct pt_trail){0};
    return PT_OK;
}

void
pt_grouping_release(struct pt_grouping *grouping)
{
    pt_idmap_release(&grouping->ids);
    pt_rawmem_free(grouping->trail);
    pt_rawmem_free(grouping->group);
    memset(grouping, 0, sizeof(*grouping));
}

static uint32_t
add_trail(struct pt_grouping *grouping, const struct pt_trail *wanted,
          uint64_t hash)
{
    if (grouping->used == grouping->room && grow(grouping) != PT_OK) {
        return 0;
    }
    if (pt_idmap_insert(&grouping->ids, hash, grouping->used) != PT_OK) {
        return 0;
    }
    grouping->trail[grouping->used] = *wanted;
    return grouping->used++;
}

/* The trail of a frame in front of `newer`, or 0. */
static uint32_t
intern(struct pt_grouping *grouping, uint32_t newer, uint32_t file,
       uint32_t line)
{
    struct pt_trail wanted = {newer, file, line,
                              grouping->trail[newer].frames + 1};
    uint64_t hash = pt_hash_pair((uint64_t)newer << 32 | file, line);
    struct pt_idmap_walk walk;
    uint32_t id = pt_idmap_first(&grouping->ids, hash, &walk);

    for (; id != 0; id = pt_idmap_next(&walk)) {
        const struct pt_trail *trail = &grouping->trail[id];

        if (trail->newer == newer && trail->file == file &&
            trail->line == line) {
            return id;
        }
    }
    return add_trail(grouping, &wanted, hash);
}

uint32_t
pt_grouping_trail(struct pt_grouping *grouping,
                  const struct pt_snapshot *snapshot, const uint32_t *file_of,
                  uint32_t node)
{
    uint32_t trail = 0, frames = 0;

    do {
        const struct pt_snapshot_node *at = &snapshot->node[node];

        trail = intern(grouping, trail, file_of[at->file], at->line);
        node = at->parent;
    } while (trail != 0 && node != 0 && ++frames < snapshot->limit);
    return trail;
}

/* Sums over the rows of one node. */
struct sum {
    uint64_t bytes;
    uint64_t count;
};

static struct sum *
sum_nodes(const struct pt_snapshot *snapshot)
{
    struct sum *sum = pt_rawmem_array(snapshot->nodes, sizeof(*sum));

    for (uint32_t i = 0; sum != NULL && i < snapshot->rows; i++) {
        const struct pt_snapshot_row *row = &snapshot->row[i];

        sum[row->node].bytes += row->size_bytes * row->count;
        sum[row->node].count += row->count;
    }
    return sum;
}

static int
add_to(struct pt_grouping *grouping, uint32_t trail, const struct sum *sum,
       enum pt_group_side side)
{
    if (trail == 0) {
        return PT_ERR_NOMEM;
    }
    grouping->group[trail].bytes[side] += sum->bytes;
    grouping->group[trail].count[side] += sum->count;
    return PT_OK;
}

/* Add a sum to its node's frame, and in cumulative mode to all callers'. */
static int
add_frames(struct pt_grouping *grouping, const struct pt_snapshot *snapshot,
           const uint32_t *file_of, enum pt_group_key key,
           enum pt_group_mode mode, enum pt_group_side side, uint32_t node,
           const struct sum *sum)
{
    uint32_t frames = 0;
    int code;

    do {
        const struct pt_snapshot_node *at = &snapshot->node[node];
        uint32_t line = key == PT_GROUP_LINENO ? at->line : 0;

        code = add_to(grouping, intern(grouping, 0, file_of[at->file], line),
                      sum, side);
        node = at->parent;
    } while (code == PT_OK && mode == PT_GROUP_CUMULATIVE && node != 0 &&
             ++frames < snapshot->limit);
    return code;
}

int
pt_grouping_add(struct pt_grouping *grouping,
                const struct pt_snapshot *snapshot, const uint32_t *file_of,
                enum pt_group_key key, enum pt_group_mode mode,
                enum pt_group_side side)
{
    struct sum *sum = sum_nodes(snapshot);
    int code = sum != NULL ? PT_OK : PT_ERR_NOMEM;

    for (uint32_t node = 0; code == PT_OK && node < snapshot->nodes; node++) {
        if (sum[node].count == 0) {
            continue;
        }
        if (key == PT_GROUP_TRACEBACK) {
            code = add_to(grouping,
                          pt_grouping_trail(grouping, snapshot, file_of, node),
                          &sum[node], side);
        }
        else {
            code = add_frames(grouping, snapshot, file_of, key, mode, side,
                              node, &sum[node]);
        }
    }
    pt_rawmem_free(sum);
    return code;
}
