/* SPDX-License-Identifier: MIT */
/* flowgraph.c - see flowgraph.h.
 *
 * Weights guess how often an edge is taken: eightfold for each loop around
 * it, halved at a branch, next to nothing where an exception is raised. They
 * decide what is fast, never what is right.
 */
#include "linetrace/flowgraph.h"

#include <string.h>

#include "linetrace/bytecode.h"
#include "linetrace/plan.h"

#define CHANCE_HANDLER 0.01f
#define CHANCE_RAISES 0.02f
#define DEPTH_MAX 8

static bool
begins_block(const struct pt_flow *flow, int32_t i)
{
    const struct pt_insn *insn = &flow->insn[i];

    return (insn->flags & (PT_IN_SIDEWAYS | PT_IN_LANDING)) != 0 ||
           insn->op == pt_bytecode.op.resume;
}

// A line behind a wait is no part of its block: it is not reached if the wait
// never ends. BINARY_OP and the STORE_FAST behind it stay together.
static bool
begins_behind_wait(const struct pt_flow *flow, int32_t i)
{
    return (flow->insn[i].flags & PT_IN_FALL_FIRES) != 0 &&
           flow->insn[i].op != pt_bytecode.op.store_fast;
}

static bool
ends_block(const struct pt_insn *insn)
{
    return insn->target != PT_NONE || insn->op == pt_bytecode.op.yield_value ||
           insn->op == pt_bytecode.op.resume ||
           pt_op_has(insn->op, PT_OP_STOPS);
}

// What stands between a FOR_ITER's target and where it lands never runs: no
// block. A second FOR_ITER that lands there, or code that falls in, would
// need an edge of its own.
static int
skip_landings(const struct pt_flow *flow, int32_t *block_of)
{
    for (int32_t i = 0; i < flow->jumps; i++) {
        const struct pt_insn *insn = &flow->insn[flow->jump[i]];

        if (insn->lands == insn->target) {
            continue;
        }
        if (block_of[insn->target] == flow->insns ||
            !pt_op_has(flow->insn[insn->target - 1].op, PT_OP_STOPS)) {
            return PT_FLOW_STRANGE;
        }
        for (int32_t t = insn->target; t < insn->lands; t++) {
            block_of[t] = flow->insns;
        }
    }
    return PT_FLOW_OK;
}

static int
find_blocks(struct pt_graph *graph)
{
    const struct pt_flow *flow = graph->flow;
    int32_t *block_of = graph->block_of;
    struct pt_block *block = graph->block;
    int32_t heads = 0;
    bool open = false;

    // All bytes set are PT_NONE.
    memset(block_of, 0xff, (size_t)flow->insns * sizeof(*block_of));
    if (skip_landings(flow, block_of) < 0) {
        return PT_FLOW_STRANGE;
    }
    for (int32_t i = flow->first; i < flow->insns; i++) {
        const struct pt_insn *insn = &flow->insn[i];

        if (block_of[i] != PT_NONE) {
            block_of[i] = PT_NONE;
            open = false;
            continue;
        }
        if (!open || begins_block(flow, i) ||
            (block->wait != PT_NONE && begins_behind_wait(flow, i))) {
            block = &graph->block[graph->blocks++];
            *block = (struct pt_block){
                .from = i, .first_head = heads, .wait = PT_NONE};
        }
        else if (insn->flags & PT_IN_FALL_FIRES) {
            graph->head[heads++] = i;
            block->heads++;
        }
        block_of[i] = graph->blocks - 1;
        block->to = i + 1;
        open = !ends_block(insn);
        if (block->wait == PT_NONE && (insn->flags & PT_WAITS)) {
            block->wait = i;
        }
    }
    graph->nodes = 1 + 2 * graph->blocks;
    return PT_FLOW_OK;
}

static bool
is_glued(const struct pt_flow *flow, int32_t i)
{
    return i > 0 && pt_op_has(flow->insn[i - 1].op, PT_OP_GLUED);
}

// What begins with the tail of a jump gets its probe behind that.
static int32_t
behind_tail(const struct pt_flow *flow, int32_t i)
{
    return i + 1 < flow->insns && pt_op_has(flow->insn[i].op, PT_OP_TAIL) &&
                   !(flow->insn[i + 1].flags & PT_AIM)
               ? i + 1
               : i;
}

static void
add_edge(struct pt_graph *graph, struct pt_edge edge)
{
    const struct pt_flow *flow = graph->flow;

    if (edge.place == PT_PLACE_BEFORE || edge.place == PT_PLACE_VERTEX ||
        edge.place == PT_PLACE_FALL) {
        edge.insn = behind_tail(flow, edge.insn);
        // Nothing may be put in front of these.
        if (is_glued(flow, edge.insn) ||
            pt_op_has(flow->insn[edge.insn].op, PT_OP_TAIL)) {
            edge.place = PT_PLACE_NONE;
        }
    }
    graph->edge[graph->edges++] = edge;
}

static int32_t
line_if(const struct pt_insn *insn, bool fires)
{
    return fires ? insn->line : PT_NONE;
}

static void
add_entry(struct pt_graph *graph, int32_t b)
{
    const struct pt_flow *flow = graph->flow;
    int32_t from = graph->block[b].from;
    const struct pt_insn *insn = &flow->insn[from];
    bool resumes = insn->op == pt_bytecode.op.resume;
    int32_t line = line_if(insn, (insn->flags & PT_IN_FALL_FIRES) != 0);

    add_edge(graph, (struct pt_edge){
                        .from = pt_node_in(b),
                        .to = pt_node_out(b),
                        .insn = from,
                        .line = PT_NONE,
                        .place = resumes ? PT_PLACE_NONE : PT_PLACE_VERTEX,
                    });
    if (resumes) {
        add_edge(
            graph,
            (struct pt_edge){
                .from = PT_ROOT,
                .to = pt_node_in(b),
                .insn = from,
                .line = from == flow->first ? (int32_t)PT_LINE_CALLS : line,
                .place = PT_PLACE_NONE,
            });
    }
}

static enum pt_place
place_of_jump(const struct pt_insn *insn, const struct pt_insn *to)
{
    if (pt_op_has(insn->op, PT_OP_STOPS)) {
        return PT_PLACE_BEFORE;
    }
    if (pt_op_has(insn->op, PT_OP_BACKWARD)) {
        return PT_PLACE_NONE;
    }
    // Where lines are not marked, coming back from a trampoline would fire.
    if (!pt_bytecode.ways.marks_lines && to->line >= 0 &&
        !(insn->flags & PT_JUMP_FIRES)) {
        return PT_PLACE_NONE;
    }
    return PT_PLACE_TRAMPOLINE;
}

static int
add_jump(struct pt_graph *graph, int32_t b, int32_t i)
{
    const struct pt_insn *insn = &graph->flow->insn[i];
    const struct pt_insn *to = &graph->flow->insn[insn->lands];
    struct pt_edge edge = {
        .from = pt_node_out(b),
        .insn = i,
        .line = line_if(to, (insn->flags & PT_JUMP_FIRES) != 0),
        .place = (uint8_t)place_of_jump(insn, to),
    };

    if (graph->block_of[insn->lands] == PT_NONE) {
        return PT_FLOW_STRANGE;
    }
    edge.to = pt_node_in(graph->block_of[insn->lands]);
    if (insn->lands != insn->target) {
        edge.insn = insn->lands;
        edge.line = line_if(to, (to->flags & PT_IN_FALL_FIRES) != 0);
        edge.place = PT_PLACE_FALL;
    }
    add_edge(graph, edge);
    return PT_FLOW_OK;
}

// A RERAISE that may fire or not: like a jump that fires, and what did not
// fire is taken back by its selector.
static int
add_reraise(struct pt_graph *graph, int32_t b, int32_t i)
{
    const struct pt_flow *flow = graph->flow;
    int32_t handler = flow->range[flow->insn[i].range].handler;

    if (graph->block_of[handler] == PT_NONE) {
        return PT_FLOW_STRANGE;
    }
    add_edge(graph, (struct pt_edge){
                        .from = pt_node_out(b),
                        .to = pt_node_in(graph->block_of[handler]),
                        .insn = i,
                        .line = flow->insn[handler].line,
                        .place = PT_PLACE_BEFORE,
                    });
    return PT_FLOW_OK;
}

static int
add_fall(struct pt_graph *graph, int32_t b, int32_t i)
{
    const struct pt_insn *next;

    if (i + 1 == graph->flow->insns || graph->block_of[i + 1] == PT_NONE) {
        return PT_FLOW_STRANGE;
    }
    next = &graph->flow->insn[i + 1];
    add_edge(graph,
             (struct pt_edge){
                 .from = pt_node_out(b),
                 .to = pt_node_in(graph->block_of[i + 1]),
                 .insn = i + 1,
                 .line = line_if(next, (next->flags & PT_IN_FALL_FIRES) != 0),
                 .place = PT_PLACE_FALL,
             });
    return PT_FLOW_OK;
}

static void
add_waiting(struct pt_graph *graph, int32_t b)
{
    int32_t wait = graph->block[b].wait;

    if (wait != PT_NONE) {
        add_edge(graph, (struct pt_edge){
                            .from = pt_node_out(b),
                            .to = PT_ROOT,
                            .insn = wait,
                            .line = PT_NONE,
                            .place = PT_PLACE_NEVER,
                        });
    }
}

static int
add_exits(struct pt_graph *graph, int32_t b)
{
    int32_t last = graph->block[b].to - 1;
    const struct pt_insn *insn = &graph->flow->insn[last];
    int status = PT_FLOW_OK;

    if (pt_op_has(insn->op, PT_OP_LEAVES)) {
        add_edge(graph, (struct pt_edge){
                            .from = pt_node_out(b),
                            .to = PT_ROOT,
                            .insn = last,
                            .line = PT_NONE,
                            .place = PT_PLACE_NONE,
                        });
        return PT_FLOW_OK;
    }
    add_waiting(graph, b);
    if (insn->target != PT_NONE) {
        status = add_jump(graph, b, last);
    }
    else if (insn->flags & PT_ERROR_VARIES) {
        status = add_reraise(graph, b, last);
    }
    if (status == PT_FLOW_OK && !pt_op_has(insn->op, PT_OP_STOPS)) {
        status = add_fall(graph, b, last);
    }
    return status;
}

static int
find_edges(struct pt_graph *graph)
{
    int status = PT_FLOW_OK;

    for (int32_t b = 0; b < graph->blocks && status == PT_FLOW_OK; b++) {
        graph->block[b].first_edge = graph->edges;
        add_entry(graph, b);
        status = add_exits(graph, b);
    }
    return status;
}

// Blocks between the head of a loop and the last jump back to it are in it.
static void
find_depths(struct pt_graph *graph, int32_t *last)
{
    int32_t depth = 0;

    for (int32_t b = 0; b < graph->blocks; b++) {
        last[b] = PT_NONE;
    }
    for (int32_t i = 0; i < graph->edges; i++) {
        const struct pt_edge *edge = &graph->edge[i];
        int32_t from = pt_node_block(edge->from);
        int32_t to = pt_node_block(edge->to);

        if (edge->from != PT_ROOT && edge->to != PT_ROOT &&
            !pt_edge_is_vertex(edge) && to <= from) {
            last[to] = from > last[to] ? from : last[to];
        }
    }
    for (int32_t b = 0; b < graph->blocks; b++) {
        graph->block[b].depth += last[b] == PT_NONE ? 0 : 1;
        if (last[b] != PT_NONE && last[b] + 1 < graph->blocks) {
            graph->block[last[b] + 1].depth -= 1;
        }
    }
    for (int32_t b = 0; b < graph->blocks; b++) {
        depth += graph->block[b].depth;
        graph->block[b].depth = depth;
    }
}

static float
times_depth(float chance, int32_t depth)
{
    depth = depth > DEPTH_MAX ? DEPTH_MAX : depth;
    return chance * (float)(1 << (3 * depth));
}

static bool
is_cold(const struct pt_graph *graph, const struct pt_block *block)
{
    return pt_op_has(graph->flow->insn[block->to - 1].op, PT_OP_RAISES);
}

static void
weigh_exits(struct pt_graph *graph, int32_t b, int32_t from, int32_t to)
{
    struct pt_block *block = &graph->block[b];
    int hot = 0, exits = 0;

    for (int32_t i = from; i < to; i++) {
        const struct pt_edge *edge = &graph->edge[i];
        const struct pt_block *next = &graph->block[pt_node_block(edge->to)];

        exits += edge->to != PT_ROOT;
        hot += edge->to != PT_ROOT && next->depth >= block->depth &&
               !is_cold(graph, next);
    }
    for (int32_t i = from; i < to; i++) {
        struct pt_edge *edge = &graph->edge[i];
        struct pt_block *next = &graph->block[pt_node_block(edge->to)];
        float chance = block->chance;
        int32_t depth = block->depth;

        if (edge->to == PT_ROOT) {
            continue;
        }
        if (next->depth >= depth && is_cold(graph, next)) {
            chance *= exits > 1 ? CHANCE_RAISES : 1.0f;
        }
        else if (next->depth >= depth && hot > 1) {
            chance /= (float)hot;
        }
        depth = next->depth < depth ? next->depth : depth;
        edge->weight = times_depth(chance, depth);
        next->inflow += edge->weight;
        if (next > block) {
            next->chance += chance;
        }
    }
}

static void
weigh(struct pt_graph *graph)
{
    for (int32_t b = 0; b < graph->blocks; b++) {
        struct pt_block *block = &graph->block[b];
        int32_t from = block->first_edge + 1;
        int32_t to = b + 1 < graph->blocks ? block[1].first_edge
                                           : graph->edges;

        if (from < to && graph->edge[from].from == PT_ROOT) {
            block->chance = 1.0f;
            from++;
        }
        if (block->chance > 1.0f) {
            block->chance = 1.0f;
        }
        if (graph->flow->insn[block->from].flags & PT_IN_ERROR &&
            block->chance < CHANCE_HANDLER) {
            block->chance = CHANCE_HANDLER;
        }
        weigh_exits(graph, b, from, to);
    }
    for (int32_t b = 0; b < graph->blocks; b++) {
        const struct pt_block *block = &graph->block[b];

        graph->edge[block->first_edge].weight =
            block->inflow > 0.0f ? block->inflow
                                 : times_depth(block->chance, block->depth);
    }
}

int
pt_graph_build(struct pt_graph *graph, struct pt_arena *arena,
               const struct pt_flow *flow)
{
    size_t insns = (size_t)flow->insns;
    int32_t *last;
    int status;

    *graph = (struct pt_graph){.flow = flow};
    graph->block_of = pt_arena_array(arena, insns, sizeof(*graph->block_of));
    graph->block = pt_arena_array(arena, insns, sizeof(*graph->block));
    graph->head = pt_arena_array(arena, insns, sizeof(*graph->head));
    if (graph->block_of == NULL || graph->block == NULL ||
        graph->head == NULL) {
        return PT_FLOW_NOMEM;
    }
    if (find_blocks(graph) < 0) {
        return PT_FLOW_STRANGE;
    }
    // A block has its vertex, an entry and three exits at the most.
    graph->edge =
        pt_arena_array(arena, 5 * (size_t)graph->blocks, sizeof(*graph->edge));
    last = pt_arena_array(arena, (size_t)graph->blocks, sizeof(*last));
    if (graph->edge == NULL || last == NULL) {
        return PT_FLOW_NOMEM;
    }
    status = find_edges(graph);
    if (status == PT_FLOW_OK) {
        find_depths(graph, last);
        weigh(graph);
    }
    return status;
}

// One probe would do for each block if nothing branches; and loops around
// SEND, where a thrown exception may enter, are left to place_block.c.
bool
pt_graph_is_worthwhile(const struct pt_flow *flow)
{
    if (flow->runs_once || flow->jumps == 0) {
        return false;
    }
    for (int32_t i = 0; i < flow->jumps; i++) {
        if (flow->insn[flow->jump[i]].op == pt_bytecode.op.send) {
            return false;
        }
    }
    for (int32_t i = 0; i < flow->ranges; i++) {
        if (flow->insn[flow->range[i].handler].op ==
            pt_bytecode.op.end_async_for) {
            return false;
        }
    }
    return true;
}
