/* SPDX-License-Identifier: MIT */
/* node.c - interning of calling contexts by content.
 *
 * Keyed by (parent, code id, line), not by instruction: code that is made anew
 * in a loop gets the same nodes again, so memory stays bounded.
 */
#include "memtrace/node.h"

#include <errno.h>

#include "core/base/hash.h"

int
pt_nodes_init(struct pt_nodes *nodes, struct pt_catalog *catalog)
{
    nodes->catalog = catalog;
    nodes->timeline = catalog->timeline;
    if (pt_idmap_init(&nodes->ids) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    pthread_mutex_init(&nodes->lock, NULL);
    return PT_OK;
}

void
pt_nodes_release(struct pt_nodes *nodes)
{
    pt_idmap_release(&nodes->ids);
    pthread_mutex_destroy(&nodes->lock);
}

static struct pt_node *
node_at(const struct pt_nodes *nodes, uint32_t id)
{
    return pt_array_at(&nodes->timeline->array[PT_SEGMENT_NODE], id);
}

static uint32_t
find(const struct pt_nodes *nodes, const struct pt_node *wanted, uint64_t hash)
{
    struct pt_idmap_walk walk;
    uint32_t id = pt_idmap_first(&nodes->ids, hash, &walk);

    for (; id != 0; id = pt_idmap_next(&walk)) {
        const struct pt_node *node = node_at(nodes, id);

        if (node->parent == wanted->parent && node->code == wanted->code &&
            node->line == wanted->line) {
            break;
        }
    }
    return id;
}

static uint32_t
add(struct pt_nodes *nodes, const struct pt_node *wanted, uint64_t hash)
{
    uint32_t id = pt_timeline_append(nodes->timeline, PT_SEGMENT_NODE, 1);

    if (id == 0) {
        return 0;
    }
    *node_at(nodes, id) = *wanted;
    return pt_idmap_insert(&nodes->ids, hash, id) == PT_OK ? id : 0;
}

/* The node with this content, made if new; 0 when there is no memory. */
static uint32_t
intern(struct pt_nodes *nodes, const struct pt_node *wanted)
{
    uint64_t hash = pt_hash_pair((uint64_t)wanted->parent << 32 | wanted->code,
                                 wanted->line);
    uint32_t id = find(nodes, wanted, hash);

    if (id == 0) {
        int saved_errno = errno;

        pthread_mutex_lock(&nodes->lock);
        id = find(nodes, wanted, hash);
        if (id == 0) {
            id = add(nodes, wanted, hash);
        }
        pthread_mutex_unlock(&nodes->lock);
        errno = saved_errno;
    }
    return id;
}

uint32_t
pt_nodes_intern_at(struct pt_nodes *nodes, uint32_t parent, uint32_t code,
                   uint32_t line)
{
    struct pt_node wanted = {parent, code, line, 0};
    uint32_t id;

    if (code == 0) {
        return parent;
    }
    wanted.depth = node_at(nodes, parent)->depth + 1;
    id = intern(nodes, &wanted);
    return id != 0 ? id : parent;
}

uint32_t
pt_nodes_intern(struct pt_nodes *nodes, uint32_t parent,
                const struct pt_frame *frame)
{
    return pt_nodes_intern_at(
        nodes, parent, pt_catalog_code(nodes->catalog, pt_frame_code(frame)),
        pt_frame_line(frame));
}

uint32_t
pt_nodes_marker(struct pt_nodes *nodes, uint32_t depth)
{
    // Told apart by their line, which no place of theirs has.
    struct pt_node wanted = {PT_NODE_NONE, 0, depth, depth};

    return depth != 0 ? intern(nodes, &wanted) : PT_NODE_NONE;
}
