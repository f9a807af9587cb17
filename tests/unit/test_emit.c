/* SPDX-License-Identifier: MIT */
/* test_emit.c - code of all shapes goes through the rewriter and back.
 *
 * What the rewriter does not refuse must decode again to what it was, with
 * probes between, some of them in the place of constants.
 */
#include "tests/unit/madecode.h"

#include "linetrace/emit.h"
#include "linetrace/events.h"
#include "linetrace/flowgraph.h"
#include "linetrace/layout.h"
#include "linetrace/standin.h"

#define FIRST_CONST 250  // so that some probes need a prefix

static int32_t
insns_of(const struct pt_emitted *piece)
{
    if (piece->copies > 0) {
        return piece->copies;
    }
    return 1 + (piece->runs[0] != 0) + (piece->runs[1] != 0);
}

static int32_t
start_at(const struct pt_emit *emit, int32_t label)
{
    return emit->piece[emit->label[label]].start;
}

/* Is the exception table asked for instruction `i`: for its own sake, for a
 * callee of the next one, or for a jump that is interrupted there? */
static bool
is_looked_up(const struct pt_flow *flow, int32_t i)
{
    const struct pt_insn *insn = &flow->insn[i];

    return !pt_op_has(insn->op, PT_OP_QUIET) || i <= flow->first ||
           i + 1 == flow->insns || (insn[1].flags & PT_AIM) != 0 ||
           (pt_bytecode.ways.raises_before_call &&
            pt_op_has(insn[1].op, PT_OP_PUSHES));
}

/* Its exceptions go to its stub, if it has one. */
static void
check_way_out(const struct pt_flow *old, const struct pt_emit *emit, int32_t i,
              const struct pt_flow *flow, const struct pt_insn *found)
{
    int32_t stub = emit->layout->site[i].stub;

    if (!is_looked_up(old, i)) {
        return;
    }
    if (stub == PT_NONE) {
        assert_int_equal(found->range == PT_NONE,
                         old->insn[i].range == PT_NONE);
        return;
    }
    assert_int_not_equal(found->range, PT_NONE);
    // The labels of stubs are the last ones.
    stub += emit->labels - emit->layout->stubs;
    assert_int_equal(flow->insn[flow->range[found->range].handler].start,
                     start_at(emit, stub));
}

/* Every old instruction is there, in order, and does what it did. */
static void
check_old(const struct pt_flow *old, const struct pt_emit *emit,
          const struct pt_flow *flow)
{
    int32_t next = 0, at = 0;

    for (int32_t i = 0; i < emit->pieces; i++) {
        const struct pt_emitted *piece = &emit->piece[i];

        if (piece->origin == PT_NONE) {
            at += insns_of(piece);
            continue;
        }
        assert_int_equal(piece->origin, next);
        for (; next < pt_emitted_end(piece); next++, at++) {
            const struct pt_insn *found = &flow->insn[at];

            assert_int_equal(found->line, old->insn[next].line);
            if (emit->layout->site[next].standin != PT_NONE) {
                assert_int_equal(found->op, pt_bytecode.op.load_const);
                assert_int_equal(found->arg,
                                 FIRST_CONST +
                                     emit->layout->site[next].standin);
                check_way_out(old, emit, next, flow, found);
                found = &flow->insn[++at];
                assert_int_equal(found->op, pt_bytecode.op.unary_invert);
            }
            else if (old->insn[next].target == PT_NONE) {
                assert_int_equal(found->op, old->insn[next].op);
                assert_int_equal(found->arg, old->insn[next].arg);
            }
            else {
                assert_true(found->target != PT_NONE);
            }
            assert_int_equal(pt_flow_start(flow, at + 1),
                             pt_emitted_behind(emit, piece, next));
            check_way_out(old, emit, next, flow, found);
        }
    }
    assert_int_equal(next, old->insns);
    assert_int_equal(at, flow->insns);
}

static void
check_catch(const struct pt_emit *emit, const struct pt_flow *flow,
            const struct pt_emitted *wanted, const struct pt_insn *found)
{
    const struct pt_range *row;

    if (wanted->is_quiet) {
        return;
    }
    if (wanted->catch.label == PT_NONE) {
        assert_int_equal(found->range, PT_NONE);
        return;
    }
    row = &flow->range[found->range];
    assert_int_equal(flow->insn[row->handler].start,
                     start_at(emit, wanted->catch.label));
    assert_int_equal(row->depth, wanted->catch.depth);
}

/* The three tables say what was laid out. */
static void
check_laid_out(const struct pt_emit *emit, const struct pt_flow *flow)
{
    int32_t at = 0;

    for (int32_t i = 0; i < emit->pieces; i++) {
        const struct pt_emitted *wanted = &emit->piece[i];
        const struct pt_insn *found = &flow->insn[at];

        assert_int_equal(found->start, wanted->start);
        assert_int_equal(found->op, wanted->op);
        assert_int_equal(found->line, wanted->line);
        if (wanted->label != PT_NONE) {
            assert_int_equal(flow->insn[found->target].start,
                             start_at(emit, wanted->label));
        }
        for (int32_t k = insns_of(wanted); k > 0; k--) {
            check_catch(emit, flow, wanted, &flow->insn[at++]);
        }
    }
    assert_int_equal(flow->insns, at);
}

static void
check_callprobe(const struct pt_emitted *piece, const struct pt_emit *emit,
                enum pt_callprobe which)
{
    assert_int_equal(piece->op, pt_bytecode.op.load_const);
    assert_int_equal(piece->arg,
                     FIRST_CONST + emit->layout->counters + (int32_t)which);
}

/* The body begins with one, and each return has one right above it. */
static void
check_callprobes(const struct pt_emit *emit)
{
    for (int32_t i = 0; i < emit->pieces; i++) {
        const struct pt_emitted *piece = &emit->piece[i];
        int32_t origin = piece->origin;

        for (int32_t old = origin;
             origin != PT_NONE && old < pt_emitted_end(piece); old++) {
            if (pt_layout_is_return(emit->layout, emit->flow, old)) {
                assert_int_equal(old, origin);
                check_callprobe(piece - 1, emit, PT_CALLPROBE_RETURN);
            }
            if (pt_layout_is_call(emit->layout, emit->flow, old)) {
                assert_int_equal(old + 1, pt_emitted_end(piece));
                check_callprobe(piece + 1, emit, PT_CALLPROBE_CALL);
            }
        }
    }
}

static bool
has_tails(const struct pt_emit *emit)
{
    for (int32_t i = 0; i < emit->pieces; i++) {
        const struct pt_emitted *piece = &emit->piece[i];

        if (piece->tail.label != piece->catch.label ||
            piece->tail.depth != piece->catch.depth) {
            return true;
        }
    }
    return false;
}

static void
check_emitted(struct pt_arena *arena, const struct pt_flow *old,
              const struct pt_layout *layout)
{
    struct pt_code_bytes bytes = {.first_line = FIRST_LINE};
    uint8_t *code, *lines, *ranges;
    struct pt_emit emit;
    struct pt_flow flow;

    if (pt_emit_lay(&emit, arena, old, layout, FIRST_CONST) != PT_FLOW_OK) {
        return;
    }
    check_callprobes(&emit);
    bytes.code_bytes = 2 * (size_t)emit.units;
    code = malloc(bytes.code_bytes);
    assert_non_null(code);
    pt_emit_code(&emit, code);
    bytes.code = code;
    bytes.lines_bytes = pt_emit_lines(&emit, &lines);
    bytes.lines = lines;
    bytes.ranges_bytes = pt_emit_ranges(&emit, &ranges);
    bytes.ranges = ranges;
    // A row that ends among the caches of an instruction is for callees only,
    // and no compiler writes such.
    if (!has_tails(&emit)) {
        assert_int_equal(pt_decode(&flow, arena, &bytes), PT_FLOW_OK);
        check_laid_out(&emit, &flow);
        check_old(old, &emit, &flow);
    }
    free(code);
}

/* Probes count lines that are there, with counters that are there. */
static void
check_terms(const struct pt_flow *flow, const struct pt_layout *layout)
{
    for (int32_t i = 0; i < layout->terms; i++) {
        const struct pt_term *term = &layout->term[i];
        bool known = term->line == PT_LINE_CALLS;

        assert_true(term->counter < (uint32_t)layout->counters);
        for (int32_t j = 0; j < flow->insns && !known; j++) {
            known = flow->insn[j].line == (int32_t)term->line;
        }
        assert_true(known);
    }
}

/* calls.c finds these by names. */
static void
let_some_wait(struct pt_flow *flow)
{
    for (int32_t i = 0; i < flow->insns; i++) {
        if (below(4) == 0) {
            flow->insn[i].flags |= PT_WAITS;
        }
    }
}

static void
let_some_stand_in(struct pt_layout *layout, const struct pt_flow *flow)
{
    struct pt_standin_facts facts = {.args = below(4)};

    for (uint32_t i = 0; i < PT_CONSTS_NEAR; i += 2) {
        pt_standin_note_int(&facts, i);
    }
    pt_standins_find(layout, flow, &facts);
}

typedef int (*placement)(struct pt_layout *layout, const struct pt_flow *flow);

static int
place_tree(struct pt_layout *layout, const struct pt_flow *flow)
{
    return pt_graph_is_worthwhile(flow) ? pt_place_tree(layout, flow)
                                        : PT_FLOW_STRANGE;
}

static int
run(struct pt_arena *arena, const struct made *made, placement place)
{
    struct pt_layout layout;
    struct pt_flow flow;
    int status = pt_decode(&flow, arena, &made->bytes);

    if (status == PT_FLOW_OK) {
        status = pt_events_find(&flow);
    }
    if (status == PT_FLOW_OK) {
        let_some_wait(&flow);
        assert_int_equal(pt_layout_init(&layout, arena, &flow), PT_FLOW_OK);
        status = place(&layout, &flow);
    }
    if (status == PT_FLOW_OK) {
        check_terms(&flow, &layout);
        let_some_stand_in(&layout, &flow);
        // Not where probes are iterators: there are none of these.
        if (pt_bytecode.op.runs_probe[0] == pt_bytecode.op.unary_invert &&
            below(2) == 0) {
            status = pt_layout_mark_calls(&layout, &flow);
        }
    }
    if (status == PT_FLOW_OK) {
        check_emitted(arena, &flow, &layout);
    }
    pt_arena_clear(arena);
    return status == PT_FLOW_OK;
}

static int
run_many(int rounds, placement place)
{
    struct pt_arena arena;
    int done = 0;

    pt_arena_init(&arena);
    srandom(11);
    for (int i = 0; i < rounds; i++) {
        struct made made;

        make(&made);
        done += run(&arena, &made, place);
    }
    pt_arena_release(&arena);
    return done;
}

static void
a_probe_a_block(void **state)
{
    (void)state;
    assert_true(run_many(20000, pt_place_blocks) > 10000);
}

static void
probes_off_a_tree(void **state)
{
    (void)state;
    assert_true(run_many(40000, place_tree) > 100);
}

static void
damaged_code_is_refused(void **state)
{
    struct pt_arena arena;

    (void)state;
    pt_arena_init(&arena);
    srandom(12);
    for (int i = 0; i < 20000; i++) {
        struct made made;

        make(&made);
        for (int hits = 1 + below(4); hits > 0; hits--) {
            made.code[below((int32_t)made.bytes.code_bytes)] ^=
                (uint8_t)random();
            made.ranges[below(sizeof(made.ranges))] ^= (uint8_t)random();
        }
        if (made.bytes.lines_bytes > 0 && below(2)) {
            made.bytes.lines_bytes--;
        }
        run(&arena, &made, pt_place_blocks);
    }
    pt_arena_release(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_a_block),
        cmocka_unit_test(probes_off_a_tree),
        cmocka_unit_test(damaged_code_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
