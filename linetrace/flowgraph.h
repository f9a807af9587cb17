/* SPDX-License-Identifier: MIT */
/* flowgraph.h - the flow graph of a code object: blocks, edges, weights.
 *
 * Each block is two nodes, `in` and `out`, joined by an edge whose count is
 * how often the block was entered. One node, the root, stands for all that is
 * outside the frame: calls, returns and yields are edges from and to it. So
 * what flows into a node flows out of it, once no frame runs. Exceptions are
 * no edges here: they are always measured (place_tree.c).
 *
 * A frame that waits for other code when the process is killed or forks has
 * not left its block. So blocks that may wait (calls.h) end before the next
 * line and have an edge to the root, on which nothing flows otherwise. It is
 * always on the tree, so no count hangs on what such frames will do.
 */
#ifndef PT_LINETRACE_FLOWGRAPH_H
#define PT_LINETRACE_FLOWGRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "linetrace/flow.h"

#define PT_ROOT 0

/* Where a probe sees all that goes along an edge, and nothing else. The order
 * is that of what a probe costs there, beginning with "cannot be had". */
enum pt_place {
    PT_PLACE_NONE,
    PT_PLACE_NEVER,       // what only a process that is killed would go
    PT_PLACE_TRAMPOLINE,  // on the way of the jump at `insn`
    PT_PLACE_BEFORE,      // in front of the jump at `insn`
    PT_PLACE_VERTEX,      // in front of `insn`, the block's first
    PT_PLACE_FALL,        // in front of `insn`, where nothing else arrives
};

struct pt_edge {
    int32_t from, to;  // nodes
    int32_t insn;
    int32_t line;  // whose event fires along it, or PT_NONE
    float weight;
    uint8_t place;  // enum pt_place
    bool on_tree;
};

struct pt_block {
    int32_t from, to;    // instructions
    int32_t first_edge;  // its vertex edge; the edges out of it follow
    int32_t first_head;  // of those behind its first instruction
    int32_t heads;
    int32_t wait;  // its first instruction that may wait, or PT_NONE
    float chance, inflow;
    int32_t depth;  // of loops
};

struct pt_graph {
    const struct pt_flow *flow;
    struct pt_block *block;
    struct pt_edge *edge;
    int32_t *block_of;  // each instruction, or PT_NONE
    int32_t *head;      // before which a line event fires, in order
    int32_t blocks, edges, nodes;
};

static inline int32_t
pt_node_in(int32_t block)
{
    return 1 + 2 * block;
}

static inline int32_t
pt_node_out(int32_t block)
{
    return 2 + 2 * block;
}

static inline int32_t
pt_node_block(int32_t node)
{
    return (node - 1) / 2;
}

/* Only the edge of a block leaves its `in`. */
static inline bool
pt_edge_is_vertex(const struct pt_edge *edge)
{
    return (edge->from & 1) != 0;
}

/* Is there anything to gain by one, and no loop that is not for a tree? Any
 * thread. */
bool pt_graph_is_worthwhile(const struct pt_flow *flow);

/* The graph of `flow`, in the arena, with its edges weighed. PT_FLOW_STRANGE
 * for what this graph cannot say. Owner thread only. */
PT_MUST_CHECK int pt_graph_build(struct pt_graph *graph,
                                 struct pt_arena *arena,
                                 const struct pt_flow *flow);

#endif
