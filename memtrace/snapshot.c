/* SPDX-License-Identifier: MIT */
/* snapshot.c - copying the live counts. */
#include "memtrace/snapshot.h"

#include <string.h>

#include "core/base/rawmem.h"

int
pt_snapshot_init(struct pt_snapshot *snapshot, uint32_t nodes, uint32_t rows)
{
    *snapshot = (struct pt_snapshot){.limit = UINT32_MAX};
    snapshot->node = pt_rawmem_array(nodes, sizeof(*snapshot->node));
    snapshot->row = pt_rawmem_array(rows, sizeof(*snapshot->row));
    if (snapshot->node == NULL || snapshot->row == NULL) {
        pt_snapshot_release(snapshot);
        return PT_ERR_NOMEM;
    }
    return PT_OK;
}

void
pt_snapshot_release(struct pt_snapshot *snapshot)
{
    pt_rawmem_free(snapshot->node);
    pt_rawmem_free(snapshot->row);
    pt_rawmem_free(snapshot->file);
    pt_rawmem_free(snapshot->text);
    *snapshot = (struct pt_snapshot){0};
}

static uint32_t
items(const struct pt_timeline *timeline, enum pt_segment segment)
{
    return atomic_load_explicit(timeline->array[segment].items,
                                memory_order_acquire);
}

static void
copy_rows(struct pt_snapshot *snapshot, const struct pt_pairs *pairs,
          uint32_t end)
{
    for (uint32_t id = pairs->first; id < end; id++) {
        const struct pt_pair *pair = pt_pairs_at(pairs, id);
        int64_t live = atomic_load_explicit(&pair->live, memory_order_relaxed);

        // Below 0 for a moment, when another thread frees without the GIL.
        if (live > 0) {
            snapshot->row[snapshot->rows++] = (struct pt_snapshot_row){
                .size_bytes = pair->size_bytes,
                .count = (uint64_t)live,
                .node = pair->node,
                .domain = pair->domain == PT_DOMAIN_RAW ? PT_DOMAIN_PYTHON
                                                        : pair->domain,
            };
        }
    }
}

/* Does this node stand for frames that are not known one by one? */
static int
is_marker(const struct pt_array *nodes, uint32_t id)
{
    const struct pt_node *node = pt_array_at(nodes, id);

    return node->code == 0;
}

static void
copy_nodes(struct pt_snapshot *snapshot, const struct pt_timeline *timeline)
{
    const struct pt_array *nodes = &timeline->array[PT_SEGMENT_NODE];
    const struct pt_array *codes = &timeline->array[PT_SEGMENT_CODE];

    for (uint32_t id = 1; id < snapshot->nodes; id++) {
        const struct pt_node *node = pt_array_at(nodes, id);
        const struct pt_code *code = pt_array_at(codes, node->code);

        snapshot->node[id] = (struct pt_snapshot_node){
            .parent = is_marker(nodes, node->parent) ? PT_NODE_NONE
                                                     : node->parent,
            .file = code->source,
            .line = node->line,
            .depth = node->depth,
        };
    }
    for (uint32_t i = 0; i < snapshot->rows; i++) {
        uint32_t depth = snapshot->node[snapshot->row[i].node].depth;

        snapshot->row[i].total = depth != 0 ? depth : 1;
    }
}

static const struct pt_text *
path_of(const struct pt_timeline *timeline, uint32_t id)
{
    const struct pt_source *source =
        pt_array_at(&timeline->array[PT_SEGMENT_FILE], id);

    return pt_array_at(&timeline->array[PT_SEGMENT_TEXT], source->path);
}

static int
copy_files(struct pt_snapshot *snapshot, const struct pt_timeline *timeline)
{
    uint32_t count = items(timeline, PT_SEGMENT_FILE);
    size_t unknown_bytes = sizeof(PT_SNAPSHOT_UNKNOWN) - 1;
    size_t at = unknown_bytes;

    for (uint32_t id = 1; id < count; id++) {
        at += path_of(timeline, id)->bytes;
    }
    snapshot->text = pt_rawmem_array(at, 1);
    snapshot->file = pt_rawmem_array(count, sizeof(*snapshot->file));
    if (snapshot->text == NULL || snapshot->file == NULL) {
        return PT_ERR_NOMEM;
    }
    snapshot->files = count;
    snapshot->file[0] = (struct pt_snapshot_file){0, unknown_bytes};
    memcpy(snapshot->text, PT_SNAPSHOT_UNKNOWN, unknown_bytes);
    at = unknown_bytes;
    for (uint32_t id = 1; id < count; id++) {
        const struct pt_text *path = path_of(timeline, id);

        memcpy(snapshot->text + at, path->data, path->bytes);
        snapshot->file[id] = (struct pt_snapshot_file){at, path->bytes};
        at += path->bytes;
    }
    return PT_OK;
}

int
pt_snapshot_capture(struct pt_snapshot *snapshot, const struct pt_pairs *pairs,
                    uint32_t limit)
{
    const struct pt_timeline *timeline = pairs->timeline;
    // In this order: what a later kind of item is referred to by is there.
    uint32_t end = items(timeline, PT_SEGMENT_PAIR);
    uint32_t nodes = items(timeline, PT_SEGMENT_NODE);
    int code = pt_snapshot_init(snapshot, nodes, end - pairs->first);

    if (code != PT_OK) {
        return code;
    }
    snapshot->limit = limit;
    copy_rows(snapshot, pairs, end);
    snapshot->nodes = nodes;
    copy_nodes(snapshot, timeline);
    code = copy_files(snapshot, timeline);
    if (code != PT_OK) {
        pt_snapshot_release(snapshot);
    }
    return code;
}

int
pt_snapshot_select(struct pt_snapshot *copy,
                   const struct pt_snapshot *snapshot,
                   const unsigned char *keep)
{
    if (pt_snapshot_init(copy, snapshot->nodes, snapshot->rows) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    copy->limit = snapshot->limit;
    copy->nodes = snapshot->nodes;
    copy->files = snapshot->files;
    memcpy(copy->node, snapshot->node,
           snapshot->nodes * sizeof(*snapshot->node));
    for (uint32_t i = 0; i < snapshot->rows; i++) {
        if (keep[i]) {
            copy->row[copy->rows++] = snapshot->row[i];
        }
    }
    return PT_OK;
}

int
pt_snapshot_is_sound(const struct pt_snapshot *snapshot)
{
    uint64_t blocks = 0;

    if (snapshot->nodes == 0 || snapshot->files == 0) {
        return 0;
    }
    for (uint32_t id = 0; id < snapshot->nodes; id++) {
        const struct pt_snapshot_node *node = &snapshot->node[id];

        if (node->file >= snapshot->files ||
            (id != 0 ? node->parent >= id : node->parent != 0)) {
            return 0;
        }
    }
    for (uint32_t i = 0; i < snapshot->rows; i++) {
        if (snapshot->row[i].node >= snapshot->nodes ||
            snapshot->row[i].count == 0 ||
            pt_add_overflows(blocks, snapshot->row[i].count, &blocks)) {
            return 0;
        }
    }
    return blocks <= PTRDIFF_MAX;
}
