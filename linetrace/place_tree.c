/* SPDX-License-Identifier: MIT */
/* place_tree.c - probes only where a spanning tree of the flow graph has none.
 *
 * Every edge off the tree carries a probe. What an exception takes out of a
 * block is always measured, by a cold stub for each segment: a piece of a
 * block from one line event to the next. All other counts follow, and each
 * counter is turned into its weight for each line at once. A counter that no
 * line depends on is not placed.
 *
 * Where exceptions are looked up a code unit before the instruction they come
 * from, a pad stands there that carries the right stub. All jumps and handlers
 * enter behind it.
 */
#include <string.h>

#include "linetrace/bytecode.h"
#include "linetrace/flowgraph.h"
#include "linetrace/layout.h"
#include "linetrace/spantree.h"

// A code object whose lines need more terms than this is not for us: a report
// reads all of them.
#define TERMS_FREE 256
#define TERMS_PER_BLOCK 24

// Where exceptions of one kind go: through a stub, or straight on because no
// line depends on it.
struct outlet {
    int32_t range, stub;
    bool fires;
};

struct outlets {
    struct outlet *outlet;
    int32_t count;
};

struct treeing {
    struct pt_layout *layout;
    const struct pt_flow *flow;
    struct pt_graph graph;
    struct pt_tree tree;
    struct outlets segment, yields;
    int32_t piece;  // number of the segment, once an exception escapes from it
    uint8_t *loop;  // of each block: what jumps back to it
    int32_t terms_max;
};

#define LOOP_FIRES 1
#define LOOP_QUIET 2

// The number of the counter at hand, PT_NONE if it means nothing.
static int
take_counter(struct treeing *treeing, int32_t *counter)
{
    struct pt_layout *layout = treeing->layout;
    struct pt_tree *tree = &treeing->tree;

    *counter = PT_NONE;
    for (int32_t i = 0; i < tree->touches; i++) {
        int32_t weight;
        uint32_t line = pt_tree_line(tree, i, &weight);

        if (weight == 0) {
            continue;
        }
        if (*counter == PT_NONE) {
            *counter = layout->counters++;
        }
        if (pt_layout_add_term(layout, (int32_t)line, *counter, weight) < 0) {
            return PT_FLOW_NOMEM;
        }
    }
    pt_tree_next_counter(tree);
    return layout->terms > treeing->terms_max ? PT_FLOW_STRANGE : PT_FLOW_OK;
}

static int
place_trampoline(struct pt_layout *layout, const struct pt_flow *flow,
                 const struct pt_edge *edge, int32_t counter)
{
    struct pt_trampoline trampoline = {counter, flow->insn[edge->insn].lands,
                                       edge->line != PT_NONE};
    int32_t via = pt_layout_add_trampoline(layout, trampoline);

    layout->site[edge->insn].jump_via = via;
    return via < 0 ? PT_FLOW_NOMEM : PT_FLOW_OK;
}

static int
place_edge(struct treeing *treeing, const struct pt_edge *edge,
           int32_t counter)
{
    struct pt_site *site = &treeing->layout->site[edge->insn];

    switch ((enum pt_place)edge->place) {
    case PT_PLACE_TRAMPOLINE:
        return place_trampoline(treeing->layout, treeing->flow, edge, counter);
    case PT_PLACE_BEFORE:
    case PT_PLACE_VERTEX:
        // A block of one jump has one of its two edges on the tree.
        site->leaving = counter;
        return PT_FLOW_OK;
    case PT_PLACE_FALL:
        site->above = counter;
        return PT_FLOW_OK;
    case PT_PLACE_NONE:
    case PT_PLACE_NEVER:
        break;
    }
    return PT_FLOW_STRANGE;
}

static int
place_edges(struct treeing *treeing)
{
    for (int32_t i = 0; i < treeing->graph.edges; i++) {
        const struct pt_edge *edge = &treeing->graph.edge[i];
        int32_t counter;
        int status;

        if (edge->on_tree) {
            continue;
        }
        pt_tree_add_edge(&treeing->tree, i);
        status = take_counter(treeing, &counter);
        if (status == PT_FLOW_OK && counter != PT_NONE) {
            status = place_edge(treeing, edge, counter);
        }
        if (status != PT_FLOW_OK) {
            return status;
        }
    }
    return PT_FLOW_OK;
}

// The counter at hand counts exceptions out of `node`.
static int
add_error(struct treeing *treeing, int32_t node, int32_t range, bool fires)
{
    const struct pt_flow *flow = treeing->flow;
    int32_t to = PT_ROOT;

    if (range != PT_NONE) {
        int32_t handler = flow->range[range].handler;
        int32_t line = flow->insn[handler].line;

        if (treeing->graph.block_of[handler] == PT_NONE) {
            return PT_FLOW_STRANGE;
        }
        to = pt_node_in(treeing->graph.block_of[handler]);
        if (fires) {
            pt_tree_add_line(&treeing->tree, line, 1);
        }
        else if (!pt_bytecode.ways.marks_lines && line >= 0) {
            // To other tools the way back from a stub would fire.
            return PT_FLOW_STRANGE;
        }
    }
    pt_tree_add_flow(&treeing->tree, node, to);
    return PT_FLOW_OK;
}

// What the counter at hand means is what escapes from the piece do.
static int
take_late(struct treeing *treeing, int32_t piece)
{
    struct pt_tree *tree = &treeing->tree;
    int status = PT_FLOW_OK;

    for (int32_t i = 0; i < tree->touches && status == PT_FLOW_OK; i++) {
        int32_t weight, line = (int32_t)pt_tree_line(tree, i, &weight);

        if (weight != 0) {
            status = pt_layout_add_late(treeing->layout, line, piece, weight);
        }
    }
    pt_tree_next_counter(tree);
    return status;
}

static int
add_stub(struct treeing *treeing, int32_t range, bool fires, int32_t *stub)
{
    int32_t counter;
    int status = take_counter(treeing, &counter);

    *stub = PT_NONE;
    if (status == PT_FLOW_OK && counter != PT_NONE) {
        *stub = pt_layout_add_stub(treeing->layout,
                                   (struct pt_stub){.counter = counter,
                                                    .range = range,
                                                    .fires = fires});
        status = *stub < 0 ? PT_FLOW_NOMEM : PT_FLOW_OK;
    }
    return status;
}

static const struct outlet *
find_outlet(const struct outlets *outlets, int32_t range, bool fires)
{
    for (int32_t i = outlets->count - 1; i >= 0; i--) {
        const struct outlet *outlet = &outlets->outlet[i];

        if (outlet->range == range && outlet->fires == fires) {
            return outlet;
        }
    }
    return NULL;
}

static void
remember(struct outlets *outlets, int32_t range, bool fires, int32_t stub)
{
    outlets->outlet[outlets->count++] = (struct outlet){range, stub, fires};
}

// What insn `i` of block `b` raises leaves the frame.
static int
escape_at(struct treeing *treeing, int32_t b, int32_t i)
{
    struct pt_layout *layout = treeing->layout;
    struct pt_site *site = &layout->site[i];
    int status = PT_FLOW_OK;

    if (treeing->piece == PT_NONE) {
        treeing->piece = layout->pieces++;
        if (layout->finds_late) {
            pt_tree_add_flow(&treeing->tree, pt_node_out(b), PT_ROOT);
            pt_tree_add_heads(&treeing->tree, b, i, -1);
            status = take_late(treeing, treeing->piece);
        }
    }
    site->piece = treeing->piece;
    site->stub = pt_layout_escape_stub(layout, treeing->piece);
    return site->stub < 0 ? PT_FLOW_NOMEM : status;
}

// The stub of what insn `i` of block `b` raises.
static int
error_at(struct treeing *treeing, int32_t b, int32_t i, bool fires,
         int32_t *stub)
{
    int32_t range = treeing->flow->insn[i].range;
    const struct outlet *known = find_outlet(&treeing->segment, range, fires);
    int status;

    if (known != NULL) {
        *stub = known->stub;
        return PT_FLOW_OK;
    }
    status = add_error(treeing, pt_node_out(b), range, fires);
    if (status != PT_FLOW_OK) {
        return status;
    }
    // Of the block's lines it keeps those behind it from being reached.
    pt_tree_add_heads(&treeing->tree, b, i, -1);
    status = add_stub(treeing, range, fires, stub);
    if (status == PT_FLOW_OK) {
        remember(&treeing->segment, range, fires, *stub);
    }
    return status;
}

// An exception thrown into the frame where it yields, or before its body.
static int
thrown_at(struct treeing *treeing, int32_t i)
{
    const struct pt_insn *insn = &treeing->flow->insn[i];
    bool fires = (insn->flags & PT_ERROR_FIRES) != 0;
    int32_t *stub = &treeing->layout->site[i].stub;
    const struct outlet *known =
        find_outlet(&treeing->yields, insn->range, fires);
    int status;

    if (insn->range == PT_NONE) {
        return PT_FLOW_OK;
    }
    if (known != NULL) {
        *stub = known->stub;
        return PT_FLOW_OK;
    }
    status = add_error(treeing, PT_ROOT, insn->range, fires);
    if (status == PT_FLOW_OK) {
        status = add_stub(treeing, insn->range, fires, stub);
    }
    if (status == PT_FLOW_OK) {
        remember(&treeing->yields, insn->range, fires, *stub);
    }
    return status;
}

// A jump back that is counted but then interrupted. The blame is on `culprit`.
static int
interrupt(struct treeing *treeing, int32_t to, bool jump_fires,
          int32_t culprit, int32_t *stub)
{
    const struct pt_insn *insn = &treeing->flow->insn[culprit];
    bool fires = (insn->flags & PT_ERROR_FIRES) != 0;
    int status = add_error(treeing, pt_node_in(treeing->graph.block_of[to]),
                           insn->range, fires);

    if (status != PT_FLOW_OK) {
        return status;
    }
    if (jump_fires) {
        pt_tree_add_line(&treeing->tree, treeing->flow->insn[to].line, -1);
    }
    return add_stub(treeing, insn->range, fires, stub);
}

static bool
is_interrupted(const struct pt_insn *insn)
{
    return insn->target != PT_NONE && pt_op_has(insn->op, PT_OP_BACKWARD) &&
           insn->op != pt_bytecode.op.jump_back_quiet;
}

static int
place_stub(struct treeing *treeing, int32_t b, int32_t i)
{
    const struct pt_insn *insn = &treeing->flow->insn[i];
    struct pt_site *site = &treeing->layout->site[i];
    bool fires = (insn->flags & PT_JUMP_FIRES) != 0;
    int status;

    if (insn->op == pt_bytecode.op.yield_value) {
        return thrown_at(treeing, i);
    }
    if (insn->flags & PT_ERROR_VARIES) {
        return pt_layout_select_reraised(treeing->layout, treeing->flow, i);
    }
    if (is_interrupted(insn)) {
        if (pt_bytecode.ways.interrupts_at_source) {
            return interrupt(treeing, insn->lands, fires, i, &site->stub);
        }
        treeing->loop[treeing->graph.block_of[insn->lands]] |=
            fires ? LOOP_FIRES : LOOP_QUIET;
    }
    if (pt_op_has(insn->op, PT_OP_QUIET)) {
        // Neighbours with one handler are one row of the table.
        if (i > treeing->graph.block[b].from &&
            insn->range == insn[-1].range &&
            (insn->range == PT_NONE || treeing->segment.count > 0)) {
            site->stub = site[-1].stub;
        }
        return PT_FLOW_OK;
    }
    // A RERAISE with an argument blames the first culprit.
    if (insn->range == PT_NONE &&
        (insn->op != pt_bytecode.op.reraise || insn->arg == 0)) {
        return escape_at(treeing, b, i);
    }
    status = error_at(treeing, b, i, (insn->flags & PT_ERROR_FIRES) != 0,
                      &site->stub);
    return status == PT_FLOW_OK && (insn->flags & PT_CALLEE_FIRES)
               ? error_at(treeing, b, i, true, &site->tail_stub)
               : status;
}

static int
place_stubs(struct treeing *treeing)
{
    int status = PT_FLOW_OK;

    for (int32_t i = 0; i < treeing->flow->first && status == PT_FLOW_OK;
         i++) {
        status = thrown_at(treeing, i);
    }
    for (int32_t b = 0; b < treeing->graph.blocks; b++) {
        const struct pt_block *block = &treeing->graph.block[b];

        treeing->segment.count = 0;
        treeing->piece = PT_NONE;
        for (int32_t i = block->from; i < block->to && status == PT_FLOW_OK;
             i++) {
            if (treeing->flow->insn[i].flags & PT_IN_FALL_FIRES) {
                treeing->segment.count = 0;
                treeing->piece = PT_NONE;
            }
            status = place_stub(treeing, b, i);
        }
    }
    return status;
}

static int
pad(struct treeing *treeing, int32_t i, int32_t stub)
{
    struct pt_site *site = &treeing->layout->site[i];

    site->above_stub = stub;
    if (site->above == PT_NONE) {
        site->above = PT_PAD;
        if (i > 0 && pt_op_has(treeing->flow->insn[i - 1].op, PT_OP_GLUED)) {
            return PT_FLOW_STRANGE;
        }
    }
    return PT_FLOW_OK;
}

// What a callee raises is looked up at the unit before the call.
static int
pad_calls(struct treeing *treeing)
{
    struct pt_site *site = treeing->layout->site;
    int status = PT_FLOW_OK;

    for (int32_t i = 0; i < treeing->flow->insns && status == PT_FLOW_OK;
         i++) {
        if (site[i].above >= 0) {
            site[i].above_stub = site[i].stub;
        }
        else if (pt_op_has(treeing->flow->insn[i].op, PT_OP_PUSHES) &&
                 site[i].leaving == PT_NONE && i > 0 &&
                 site[i].stub != site[i - 1].stub) {
            status = pad(treeing, i, site[i].stub);
        }
    }
    return status;
}

// The interrupt of a jump back is looked up at the unit before its target.
static int
pad_loops(struct treeing *treeing)
{
    for (int32_t b = 0; b < treeing->graph.blocks; b++) {
        int32_t i = treeing->graph.block[b].from;
        int32_t stub;
        int status;

        if (treeing->loop[b] == 0) {
            continue;
        }
        if (treeing->loop[b] == (LOOP_FIRES | LOOP_QUIET)) {
            return PT_FLOW_STRANGE;
        }
        status = interrupt(treeing, i, treeing->loop[b] == LOOP_FIRES, i - 1,
                           &stub);
        if (status == PT_FLOW_OK &&
            (stub != PT_NONE ||
             treeing->layout->site[i - 1].stub != PT_NONE)) {
            status = pad(treeing, i, stub);
        }
        if (status != PT_FLOW_OK) {
            return status;
        }
    }
    return PT_FLOW_OK;
}

int
pt_place_tree(struct pt_layout *layout, const struct pt_flow *flow)
{
    struct treeing treeing = {.layout = layout, .flow = flow};
    size_t insns = (size_t)flow->insns;
    int status;

    layout->enters_in = true;
    status = pt_graph_build(&treeing.graph, layout->arena, flow);
    if (status == PT_FLOW_OK) {
        status = pt_tree_grow(&treeing.tree, layout->arena, &treeing.graph);
    }
    if (status < 0) {
        return status;
    }
    treeing.terms_max = TERMS_FREE + TERMS_PER_BLOCK * treeing.graph.blocks;
    treeing.segment.outlet =
        pt_arena_array(layout->arena, 2 * insns, sizeof(struct outlet));
    treeing.yields.outlet =
        pt_arena_array(layout->arena, insns, sizeof(struct outlet));
    treeing.loop =
        pt_arena_array(layout->arena, (size_t)treeing.graph.blocks, 1);
    if (treeing.segment.outlet == NULL || treeing.yields.outlet == NULL ||
        treeing.loop == NULL) {
        return PT_FLOW_NOMEM;
    }
    memset(treeing.loop, 0, (size_t)treeing.graph.blocks);
    status = place_edges(&treeing);
    status = status == PT_FLOW_OK ? place_stubs(&treeing) : status;
    if (status != PT_FLOW_OK) {
        return status;
    }
    return pt_bytecode.ways.raises_before_call ? pad_calls(&treeing)
                                               : pad_loops(&treeing);
}
