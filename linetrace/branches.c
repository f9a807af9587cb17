/* SPDX-License-Identifier: MIT */
/* branches.c - see branches.h.
 *
 * A conditional jump goes two ways. Each is followed, through whatever belongs
 * to the same line or to none, until another line begins or the frame returns:
 * so `if a and b:` is one branch with two ways out. A line whose jumps all
 * lead to one place (`x = a or b`, assert, the test whether `with` swallows an
 * exception) is none.
 */
#include "linetrace/branches.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/py/guard.h"
#include "core/timeline/recording.h"
#include "linetrace/bytecode.h"
#include "linetrace/decode.h"

#define WAYS_MAX 64

struct search {
    const struct pt_flow *flow;
    int32_t *seen;  // the number of the walk that was here last
    int32_t *stack;
    int32_t walk;
    uint32_t line;  // whose ways are looked for
    uint32_t way[WAYS_MAX];
    int ways;
};

static bool
is_conditional(const struct pt_insn *insn)
{
    return insn->target != PT_NONE && pt_op_has(insn->op, PT_OP_JUMP) &&
           !pt_op_has(insn->op, PT_OP_STOPS) &&
           insn->op != pt_bytecode.op.send &&
           insn->op != pt_bytecode.op.end_async_for;
}

static void
add_way(struct search *search, uint32_t to)
{
    for (int i = 0; i < search->ways; i++) {
        if (search->way[i] == to) {
            return;
        }
    }
    if (search->ways < WAYS_MAX) {
        search->way[search->ways++] = to;
    }
}

static void
visit(struct search *search, int32_t i, int32_t *depth)
{
    if (i < search->flow->insns && search->seen[i] != search->walk) {
        search->seen[i] = search->walk;
        search->stack[(*depth)++] = i;
    }
}

/* What comes behind instruction `i` without a line of its own. */
static void
go_on(struct search *search, int32_t i, int32_t *depth)
{
    const struct pt_insn *insn = &search->flow->insn[i];

    if (pt_op_has(insn->op, PT_OP_STOPS)) {
        if (insn->target != PT_NONE) {
            visit(search, insn->lands, depth);
        }
        else if (pt_op_has(insn->op, PT_OP_LEAVES)) {
            add_way(search, PT_ARC_OUTSIDE);
        }
        return;
    }
    if (insn->target != PT_NONE && pt_op_has(insn->op, PT_OP_JUMP)) {
        visit(search, insn->lands, depth);
    }
    visit(search, i + 1, depth);
}

/* The lines that come next when control arrives at instruction `i`. */
static void
follow(struct search *search, int32_t i)
{
    int32_t depth = 0;

    visit(search, i, &depth);
    while (depth > 0) {
        int32_t at = search->stack[--depth];
        const struct pt_insn *insn = &search->flow->insn[at];

        if (insn->line > 0 && (uint32_t)insn->line != search->line &&
            !pt_op_has(insn->op, PT_OP_UNMARKED)) {
            add_way(search, (uint32_t)insn->line);
        }
        else {
            go_on(search, at, &depth);
        }
    }
}

struct jump {
    int32_t line, insn;
};

static int
compare_jumps(const void *left, const void *right)
{
    const struct jump *a = left, *b = right;

    if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    return a->insn < b->insn ? -1 : a->insn > b->insn;
}

/* The conditional jumps by line; how many. */
static int32_t
list_jumps(const struct pt_flow *flow, struct jump *jump)
{
    int32_t jumps = 0;

    for (int32_t i = flow->first; i < flow->insns; i++) {
        const struct pt_insn *insn = &flow->insn[i];

        if (insn->line > 0 && is_conditional(insn)) {
            jump[jumps++] = (struct jump){insn->line, i};
        }
    }
    if (jumps != 0) {
        qsort(jump, (size_t)jumps, sizeof(*jump), compare_jumps);
    }
    return jumps;
}

static void
find_all(struct search *search, const struct jump *jump, int32_t jumps,
         pt_branches_func func, void *context)
{
    for (int32_t i = 0; i < jumps;) {
        int32_t line = jump[i].line;

        search->line = (uint32_t)line;
        search->ways = 0;
        search->walk++;
        for (; i < jumps && jump[i].line == line; i++) {
            follow(search, search->flow->insn[jump[i].insn].lands);
            follow(search, jump[i].insn + 1);
        }
        for (int way = 0; search->ways > 1 && way < search->ways; way++) {
            func(context, search->line, search->way[way]);
        }
    }
}

static int
decode(struct pt_flow *flow, struct pt_arena *arena, const PyCodeObject *code,
       PyObject *bytecode)
{
    struct pt_code_bytes bytes = {
        .code = (const uint8_t *)PyBytes_AS_STRING(bytecode),
        .code_bytes = (size_t)PyBytes_GET_SIZE(bytecode),
        .lines = (const uint8_t *)PyBytes_AS_STRING(code->co_linetable),
        .lines_bytes = (size_t)PyBytes_GET_SIZE(code->co_linetable),
        .ranges = (const uint8_t *)PyBytes_AS_STRING(code->co_exceptiontable),
        .ranges_bytes = (size_t)PyBytes_GET_SIZE(code->co_exceptiontable),
        .first_line = code->co_firstlineno,
    };

    return pt_decode(flow, arena, &bytes);
}

void
pt_branches_find(PyCodeObject *code, pt_branches_func func, void *context)
{
    struct pt_arena arena;
    struct pt_flow flow;
    struct search search = {.flow = &flow};
    struct jump *jump;
    PyObject *bytecode;

    pt_guard_enter();
    bytecode = PyCode_GetCode(code);
    pt_guard_leave();
    if (bytecode == NULL) {
        PyErr_Clear();
        return;
    }
    pt_arena_init(&arena);
    if (decode(&flow, &arena, code, bytecode) == PT_FLOW_OK) {
        size_t insns = (size_t)flow.insns;

        search.seen = pt_arena_array(&arena, insns, sizeof(*search.seen));
        search.stack = pt_arena_array(&arena, insns, sizeof(*search.stack));
        jump = pt_arena_array(&arena, insns, sizeof(*jump));
        if (search.seen != NULL && search.stack != NULL && jump != NULL) {
            memset(search.seen, 0, insns * sizeof(*search.seen));
            find_all(&search, jump, list_jumps(&flow, jump), func, context);
        }
    }
    pt_arena_release(&arena);
    Py_DECREF(bytecode);
}
