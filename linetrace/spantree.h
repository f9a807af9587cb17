/* SPDX-License-Identifier: MIT */
/* spantree.h - a maximum spanning tree of a flow graph, and what follows.
 *
 * Edges on the tree need no probe. A count on an edge off it flows round a
 * cycle: along the edge, then back through the tree. So the count of a tree
 * edge is the sum of those counters whose cycle it is on, with the sign of the
 * direction, and each counter's part in the lines is found by one walk.
 */
#ifndef PT_LINETRACE_SPANTREE_H
#define PT_LINETRACE_SPANTREE_H

#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "linetrace/flowgraph.h"

struct pt_tree_node {
    int32_t parent;  // node, or PT_NONE
    int32_t edge;    // to it
    int32_t depth;
};

struct pt_tree {
    struct pt_graph *graph;
    struct pt_tree_node *node;
    // What the counter at hand means: a weight for each line, and the lines
    // that were touched. The first place stands for the calls.
    int32_t *weight, *touched;
    bool *is_touched;
    int32_t first_line, lines, touches;
};

/* Choose the tree of `graph`: sets `on_tree` of its edges. PT_FLOW_STRANGE if
 * its lines lie too far apart. Owner thread only. */
PT_MUST_CHECK int pt_tree_grow(struct pt_tree *tree, struct pt_arena *arena,
                               struct pt_graph *graph);

/* Add `weight` to what the counter at hand means for `line`; PT_NONE is no
 * line. Owner thread only. */
void pt_tree_add_line(struct pt_tree *tree, int32_t line, int32_t weight);

/* Add `weight` for each head in a block that is behind instruction `behind`.
 * Owner thread only. */
void pt_tree_add_heads(struct pt_tree *tree, int32_t block, int32_t behind,
                       int32_t weight);

/* Add what follows for the tree if the counter counts a flow between the two
 * nodes. Owner thread only. */
void pt_tree_add_flow(struct pt_tree *tree, int32_t from, int32_t to);

/* The same for the edge `index` off the tree, and its own lines. Owner thread
 * only. */
void pt_tree_add_edge(struct pt_tree *tree, int32_t index);

/* The line, and its weight, of each of tree->touches. Any thread. */
uint32_t pt_tree_line(const struct pt_tree *tree, int32_t touch,
                      int32_t *weight);

/* Forget the counter at hand. Owner thread only. */
void pt_tree_next_counter(struct pt_tree *tree);

#endif
