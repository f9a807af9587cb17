/* SPDX-License-Identifier: MIT */
/* spantree.c - see spantree.h. Kruskal's algorithm. */
#include "linetrace/spantree.h"

#include <string.h>

#include "linetrace/plan.h"

// More would make the table of weights bigger than all else.
#define LINES_MAX (1 << 16)

#define TRAMPOLINE_COSTS 1.4f

struct choice {
    uint32_t key;
    int32_t edge;
};

// A positive float's bits have the order of its value; their last two make
// room for the place, that decides between equals.
static uint32_t
key_of(const struct pt_edge *edge)
{
    float weight = edge->weight;
    uint32_t bits;

    if (edge->place == PT_PLACE_TRAMPOLINE) {
        weight *= TRAMPOLINE_COSTS;
    }
    memcpy(&bits, &weight, sizeof(bits));
    return (bits & ~3u) | (uint32_t)(PT_PLACE_FALL - edge->place);
}

// Shell's: short lists are the rule.
static void
sort_choices(struct choice *choice, int32_t count)
{
    static const int32_t gaps[] = {1750, 701, 301, 132, 57, 23, 10, 4, 1};

    for (size_t g = 0; g < sizeof(gaps) / sizeof(*gaps); g++) {
        int32_t gap = gaps[g];

        for (int32_t i = gap; i < count; i++) {
            struct choice moving = choice[i];
            int32_t j = i;

            for (; j >= gap && choice[j - gap].key < moving.key; j -= gap) {
                choice[j] = choice[j - gap];
            }
            choice[j] = moving;
        }
    }
}

static int32_t
find_set(int32_t *set, int32_t node)
{
    while (set[node] != node) {
        set[node] = set[set[node]];
        node = set[node];
    }
    return node;
}

static void
choose_edge(struct pt_edge *edge, int32_t *set)
{
    int32_t a = find_set(set, edge->from), b = find_set(set, edge->to);

    edge->on_tree = a != b;
    set[a] = b;
}

// First come those that cannot have a probe, in any order, then what only a
// process that is killed would go.
static void
choose_edges(struct pt_graph *graph, struct choice *choice, int32_t *set)
{
    int32_t choices = 0;

    for (int32_t i = 0; i < graph->nodes; i++) {
        set[i] = i;
    }
    for (int32_t i = 0; i < graph->edges; i++) {
        struct pt_edge *edge = &graph->edge[i];

        if (edge->place == PT_PLACE_NONE) {
            choose_edge(edge, set);
        }
    }
    for (int32_t i = 0; i < graph->edges; i++) {
        struct pt_edge *edge = &graph->edge[i];

        if (edge->place == PT_PLACE_NEVER) {
            choose_edge(edge, set);
        }
        else if (edge->place != PT_PLACE_NONE) {
            choice[choices++] = (struct choice){key_of(edge), i};
        }
    }
    sort_choices(choice, choices);
    for (int32_t i = 0; i < choices; i++) {
        choose_edge(&graph->edge[choice[i].edge], set);
    }
}

// Each tree edge hangs in the lists of both its nodes: twice its index, plus
// 1 at the node it goes to.
struct hanging {
    int32_t *first, *next;
    int32_t *stack;
};

static void
hang(struct hanging *hanging, int32_t node, int32_t item)
{
    hanging->next[item] = hanging->first[node];
    hanging->first[node] = item;
}

// Parents of all that hangs together with `top`.
static void
orient(struct pt_tree *tree, const struct hanging *hanging, int32_t top)
{
    int32_t depth = 0;

    tree->node[top] = (struct pt_tree_node){PT_NONE, PT_NONE, 0};
    hanging->stack[depth++] = top;
    while (depth > 0) {
        int32_t at = hanging->stack[--depth];

        for (int32_t item = hanging->first[at]; item != PT_NONE;
             item = hanging->next[item]) {
            const struct pt_edge *edge = &tree->graph->edge[item / 2];
            int32_t other = item & 1 ? edge->from : edge->to;

            if (item / 2 != tree->node[at].edge) {
                tree->node[other] = (struct pt_tree_node){
                    at, item / 2, tree->node[at].depth + 1};
                hanging->stack[depth++] = other;
            }
        }
    }
}

static int
find_lines(struct pt_tree *tree, struct pt_arena *arena)
{
    const struct pt_flow *flow = tree->graph->flow;

    tree->first_line = flow->high_line != 0 ? flow->low_line : 0;
    tree->lines = flow->high_line - tree->first_line + 1;
    if (tree->lines > LINES_MAX) {
        return PT_FLOW_STRANGE;
    }
    tree->touches = 0;
    tree->weight =
        pt_arena_array(arena, (size_t)tree->lines + 1, sizeof(*tree->weight));
    tree->touched =
        pt_arena_array(arena, (size_t)tree->lines + 1, sizeof(*tree->touched));
    tree->is_touched = pt_arena_array(arena, (size_t)tree->lines + 1,
                                      sizeof(*tree->is_touched));
    if (tree->weight == NULL || tree->touched == NULL ||
        tree->is_touched == NULL) {
        return PT_FLOW_NOMEM;
    }
    memset(tree->weight, 0, ((size_t)tree->lines + 1) * sizeof(*tree->weight));
    memset(tree->is_touched, 0, (size_t)tree->lines + 1);
    return PT_FLOW_OK;
}

int
pt_tree_grow(struct pt_tree *tree, struct pt_arena *arena,
             struct pt_graph *graph)
{
    size_t nodes = (size_t)graph->nodes, edges = (size_t)graph->edges;
    struct choice *choice = pt_arena_array(arena, edges, sizeof(*choice));
    struct hanging hanging;

    *tree = (struct pt_tree){.graph = graph};
    tree->node = pt_arena_array(arena, nodes, sizeof(*tree->node));
    hanging.first = pt_arena_array(arena, nodes, sizeof(*hanging.first));
    hanging.next = pt_arena_array(arena, 2 * edges, sizeof(*hanging.next));
    hanging.stack = pt_arena_array(arena, nodes, sizeof(*hanging.stack));
    if (choice == NULL || tree->node == NULL || hanging.first == NULL ||
        hanging.next == NULL || hanging.stack == NULL) {
        return PT_FLOW_NOMEM;
    }
    choose_edges(graph, choice, hanging.stack);
    for (size_t i = 0; i < nodes; i++) {
        hanging.first[i] = PT_NONE;
        tree->node[i].depth = PT_NONE;
    }
    for (int32_t i = 0; i < graph->edges; i++) {
        if (graph->edge[i].on_tree) {
            hang(&hanging, graph->edge[i].from, 2 * i);
            hang(&hanging, graph->edge[i].to, 2 * i + 1);
        }
    }
    for (int32_t i = 0; i < graph->nodes; i++) {
        if (tree->node[i].depth == PT_NONE) {
            orient(tree, &hanging, i);
        }
    }
    return find_lines(tree, arena);
}

void
pt_tree_add_line(struct pt_tree *tree, int32_t line, int32_t weight)
{
    int32_t at;

    if (line == PT_NONE) {
        return;
    }
    at = line == (int32_t)PT_LINE_CALLS ? 0 : line - tree->first_line + 1;
    if (!tree->is_touched[at]) {
        tree->is_touched[at] = true;
        tree->touched[tree->touches++] = at;
    }
    tree->weight[at] += weight;
}

// Lines in a block are reached as often as it is entered.
void
pt_tree_add_heads(struct pt_tree *tree, int32_t b, int32_t behind,
                  int32_t weight)
{
    const struct pt_block *block = &tree->graph->block[b];
    const int32_t *first = tree->graph->head + block->first_head;
    const int32_t *head = first + block->heads;

    while (head > first && *--head > behind) {
        pt_tree_add_line(tree, tree->graph->flow->insn[*head].line, weight);
    }
}

static void
cross(struct pt_tree *tree, int32_t index, int32_t weight)
{
    const struct pt_edge *edge = &tree->graph->edge[index];

    if (pt_edge_is_vertex(edge)) {
        pt_tree_add_heads(tree, pt_node_block(edge->from), PT_NONE, weight);
    }
    pt_tree_add_line(tree, edge->line, weight);
}

// Up from `to` and up from `from`, until they meet or both are at a top.
void
pt_tree_add_flow(struct pt_tree *tree, int32_t from, int32_t to)
{
    const struct pt_tree_node *node = tree->node;
    const struct pt_edge *edge = tree->graph->edge;

    while (from != to) {
        if (node[to].edge != PT_NONE && node[to].depth >= node[from].depth) {
            cross(tree, node[to].edge,
                  edge[node[to].edge].from == to ? 1 : -1);
            to = node[to].parent;
        }
        else if (node[from].edge != PT_NONE) {
            cross(tree, node[from].edge,
                  edge[node[from].edge].to == from ? 1 : -1);
            from = node[from].parent;
        }
        else {
            break;
        }
    }
}

void
pt_tree_add_edge(struct pt_tree *tree, int32_t index)
{
    const struct pt_edge *edge = &tree->graph->edge[index];

    cross(tree, index, 1);
    pt_tree_add_flow(tree, edge->from, edge->to);
}

uint32_t
pt_tree_line(const struct pt_tree *tree, int32_t touch, int32_t *weight)
{
    int32_t at = tree->touched[touch];

    *weight = tree->weight[at];
    return at == 0 ? PT_LINE_CALLS : (uint32_t)(tree->first_line + at - 1);
}

void
pt_tree_next_counter(struct pt_tree *tree)
{
    for (int32_t i = 0; i < tree->touches; i++) {
        tree->weight[tree->touched[i]] = 0;
        tree->is_touched[tree->touched[i]] = false;
    }
    tree->touches = 0;
}
