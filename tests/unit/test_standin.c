/* SPDX-License-Identifier: MIT */
/* test_standin.c - what stands in for a constant counts what the probe did. */
#include "tests/unit/madecode.h"

#include "linetrace/events.h"
#include "linetrace/layout.h"
#include "linetrace/standin.h"

struct trial {
    struct pt_arena arena;
    struct pt_flow flow;
    struct pt_layout layout;
    struct pt_standin_facts facts;
    int moved;
};

// Control that passes `from` gets to `to`, and comes from nowhere else. Of
// the instructions that can raise, LOAD_FAST is known not to.
static void
check_straight(const struct trial *trial, int32_t from, int32_t to)
{
    for (int32_t i = from; i <= to; i++) {
        const struct pt_insn *insn = &trial->flow.insn[i];

        assert_false(insn->flags & PT_AIM);
        assert_int_equal(insn->target, PT_NONE);
        assert_true(pt_op_has(insn->op, PT_OP_QUIET) ||
                    insn->op == pt_bytecode.op.load_fast);
        assert_false(pt_op_has(insn->op, PT_OP_STOPS | PT_OP_LEAVES));
    }
}

// The probe `was` stands at `from`, or went on to an int.
static void
check_moved(struct trial *trial, int32_t from, int32_t was, int32_t is)
{
    const struct pt_insn *insn;
    int32_t to = from;

    if (was == is) {
        return;
    }
    assert_int_equal(is, PT_NONE);
    while (trial->layout.site[to].standin != was) {
        to++;
        assert_true(to < trial->flow.insns);
    }
    check_straight(trial, from, to);
    insn = &trial->flow.insn[to];
    assert_int_equal(insn->op, pt_bytecode.op.load_const);
    assert_true(pt_standin_is_int(&trial->facts, insn->arg));
    trial->moved++;
}

static void
let_some_stand_in(struct trial *trial)
{
    size_t sites = (size_t)trial->flow.insns;
    struct pt_site *before =
        pt_arena_array(&trial->arena, sites, sizeof(*before));

    assert_non_null(before);
    memcpy(before, trial->layout.site, sites * sizeof(*before));
    trial->facts = (struct pt_standin_facts){.args = below(4)};
    for (uint32_t i = 0; i < PT_CONSTS_NEAR; i += 1 + (uint32_t)below(3)) {
        pt_standin_note_int(&trial->facts, i);
    }
    pt_standins_find(&trial->layout, &trial->flow, &trial->facts);
    for (int32_t i = 0; i < trial->flow.insns; i++) {
        const struct pt_site *site = &trial->layout.site[i];

        check_moved(trial, i, before[i].above, site->above);
        check_moved(trial, i + 1, before[i].after, site->after);
        assert_int_equal(site->leaving, before[i].leaving);
    }
}

static bool
place(struct trial *trial, const struct made *made)
{
    struct pt_flow *flow = &trial->flow;
    struct pt_layout *layout = &trial->layout;

    return pt_decode(flow, &trial->arena, &made->bytes) == PT_FLOW_OK &&
           pt_events_find(flow) == PT_FLOW_OK &&
           pt_layout_init(layout, &trial->arena, flow) == PT_FLOW_OK &&
           pt_place_blocks(layout, flow) == PT_FLOW_OK;
}

static void
a_probe_moves_only_down_to_an_int(void **state)
{
    struct trial trial = {0};

    (void)state;
    pt_arena_init(&trial.arena);
    srandom(13);
    for (int i = 0; i < 20000; i++) {
        struct made made;

        make(&made);
        if (place(&trial, &made)) {
            let_some_stand_in(&trial);
        }
        pt_arena_clear(&trial.arena);
    }
    pt_arena_release(&trial.arena);
    assert_true(trial.moved > 100);
}

// Where the probe of a body of a few instructions goes, or PT_NONE.
static int32_t
probe_in(const uint8_t *code, size_t code_bytes, int32_t args)
{
    // One entry of the location table: as many units without a place.
    const uint8_t lines = (uint8_t)(0xf8 | (code_bytes / 2 - 1));
    struct pt_code_bytes bytes = {.code = code,
                                  .code_bytes = code_bytes,
                                  .lines = &lines,
                                  .lines_bytes = 1};
    struct pt_standin_facts facts = {.args = args};
    struct pt_arena arena;
    struct pt_layout layout;
    struct pt_flow flow;
    int32_t place = PT_NONE;

    pt_arena_init(&arena);
    assert_int_equal(pt_decode(&flow, &arena, &bytes), PT_FLOW_OK);
    assert_int_equal(pt_layout_init(&layout, &arena, &flow), PT_FLOW_OK);
    layout.site[1].above = 0;
    pt_standin_note_int(&facts, 1);
    pt_standins_find(&layout, &flow, &facts);
    for (int32_t i = 0; i < flow.insns; i++) {
        if (layout.site[i].standin == 0) {
            place = i;
        }
    }
    assert_int_equal(layout.site[1].above, place == PT_NONE ? 0 : PT_NONE);
    pt_arena_release(&arena);
    return place;
}

#define CODE(...) \
  (const uint8_t[]){__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__})

static void
what_is_loaded_must_be_there(void **state)
{
    const struct pt_oproles *op = &pt_bytecode.op;
    bool asks = !pt_op_has(op->load_fast, PT_OP_QUIET);

    (void)state;
    // The int at once; constant 0 is none.
    assert_int_equal(probe_in(CODE(op->resume, 0, op->load_const, 1), 0), 1);
    assert_int_equal(
        probe_in(CODE(op->resume, 0, op->load_const, 0, op->load_const, 1), 0),
        2);
    // An argument, a local that was just stored, one that may have no value.
    assert_int_equal(
        probe_in(CODE(op->resume, 0, op->load_fast, 0, op->load_const, 1), 1),
        2);
    assert_int_equal(probe_in(CODE(op->resume, 0, op->store_fast, 7,
                                   op->load_fast, 7, op->load_const, 1),
                              1),
                     3);
    assert_int_equal(
        probe_in(CODE(op->resume, 0, op->load_fast, 1, op->load_const, 1), 1),
        asks ? PT_NONE : 2);
    // An argument that may be deleted.
    assert_int_equal(probe_in(CODE(op->resume, 0, op->load_fast, 0,
                                   op->load_const, 1, op->delete_fast, 0),
                              1),
                     asks ? PT_NONE : 2);
    // What can raise comes first; a constant with a prefix.
    assert_int_equal(
        probe_in(CODE(op->resume, 0, op->unary_invert, 0, op->load_const, 1),
                 1),
        PT_NONE);
    assert_int_equal(
        probe_in(CODE(op->resume, 0, op->extended_arg, 0, op->load_const, 1),
                 1),
        PT_NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_moves_only_down_to_an_int),
        cmocka_unit_test(what_is_loaded_must_be_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
