/* SPDX-License-Identifier: MIT */
/* standin.c - see standin.h. */
#include "linetrace/standin.h"

#include "linetrace/bytecode.h"

struct search {
    struct pt_layout *layout;
    const struct pt_flow *flow;
    const struct pt_standin_facts *facts;
    int32_t args;  // those of the first locals that always have a value
};

// Where LOAD_FAST asks whether there is a value, some can be told to have one.
static int32_t
count_bound(const struct pt_flow *flow, int32_t args)
{
    if (pt_op_has(pt_bytecode.op.load_fast, PT_OP_QUIET)) {
        return 0;
    }
    for (int32_t i = 0; i < flow->insns; i++) {
        if (flow->insn[i].op == pt_bytecode.op.delete_fast) {
            return 0;
        }
    }
    return args;
}

// `stored` is the local that was stored last, or PT_NONE.
static bool
cannot_raise(const struct search *search, int32_t i, int32_t stored)
{
    const struct pt_insn *insn = &search->flow->insn[i];

    if (insn->op == pt_bytecode.op.load_fast &&
        ((int32_t)insn->arg < search->args || (int32_t)insn->arg == stored)) {
        return true;
    }
    return pt_op_has(insn->op, PT_OP_QUIET) && insn->target == PT_NONE &&
           !pt_op_has(insn->op, PT_OP_STOPS | PT_OP_LEAVES | PT_OP_GLUED);
}

static bool
is_near_int(const struct search *search, int32_t i)
{
    const struct pt_insn *insn = &search->flow->insn[i];

    return insn->op == pt_bytecode.op.load_const &&
           insn->arg < PT_CONSTS_NEAR &&
           pt_standin_is_int(search->facts, insn->arg) &&
           pt_flow_start(search->flow, i + 1) == insn->start + 1;
}

// Does control come to `i` from above only, with nothing on the way?
static bool
is_open(const struct search *search, int32_t i)
{
    const struct pt_site *site = &search->layout->site[i];

    return i < search->flow->insns &&
           !(search->flow->insn[i].flags & PT_AIM) && site->above == PT_NONE &&
           site->leaving == PT_NONE;
}

// The constant that a probe above `i` can stand in for, or PT_NONE.
static int32_t
find_constant(const struct search *search, int32_t i)
{
    int32_t stored = PT_NONE;

    do {
        const struct pt_insn *insn = &search->flow->insn[i];

        if (is_near_int(search, i)) {
            return i;
        }
        if (!cannot_raise(search, i, stored) ||
            search->layout->site[i].after != PT_NONE) {
            return PT_NONE;
        }
        if (insn->op == pt_bytecode.op.store_fast) {
            stored = (int32_t)insn->arg;
        }
        i++;
    } while (is_open(search, i));
    return PT_NONE;
}

static void
move(const struct search *search, int32_t *counter, int32_t from)
{
    int32_t to = find_constant(search, from);

    if (to != PT_NONE) {
        search->layout->site[to].standin = *counter;
        search->layout->standins++;
        *counter = PT_NONE;
    }
}

void
pt_standins_find(struct pt_layout *layout, const struct pt_flow *flow,
                 const struct pt_standin_facts *facts)
{
    struct search search = {layout, flow, facts, 0};

    if (!facts->has_ints) {
        return;
    }
    search.args = count_bound(flow, facts->args);
    for (int32_t i = 0; i < flow->insns; i++) {
        struct pt_site *site = &layout->site[i];

        if (site->above >= 0 && !(flow->insn[i].flags & PT_AIM) &&
            site->leaving == PT_NONE) {
            move(&search, &site->above, i);
        }
        if (site->after != PT_NONE && is_open(&search, i + 1)) {
            move(&search, &site->after, i + 1);
        }
    }
}
