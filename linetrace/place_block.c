/* SPDX-License-Identifier: MIT */
/* place_block.c - one probe for each basic block.
 *
 * A head is an instruction before which a line event fires. The first head of
 * a block carries a probe; the heads behind it are derived: they were reached
 * as often as the block was entered, less the exceptions raised on the way.
 * `derived` lists the lines of derived heads, block after block, and so names
 * the segments too: segment d of a block lies between its (d-1)-th and d-th
 * derived head, and what it raises is subtracted from lines d and on. Between
 * two blocks one number is left out: it is the last segment of the first.
 *
 * Where falling in does not fire but some jump does, the probe goes to the
 * jump: right before it if it is unconditional, else onto a trampoline.
 */
#include "linetrace/bytecode.h"
#include "linetrace/layout.h"

// More are not derived from one probe: terms grow with the square of lines.
#define BLOCK_LINES_MAX 16
#define LATE_LINES_MAX 128  // ... where only late terms do

struct block {
    int32_t counter, line;
    int32_t from, to;  // its derived heads
};

struct placing {
    struct pt_layout *layout;
    const struct pt_flow *flow;
    struct block *block;
    int32_t *derived;  // lines of derived heads
    int32_t *segment;  // of each instruction; PT_NONE if nothing derived
    int32_t *owner;    // block of each segment
    int32_t blocks, deriveds, current;
    bool waits;  // since the last head of the current block
};

static bool
has_head(const struct pt_insn *insn)
{
    if (insn->flags & PT_IN_FALL) {
        return (insn->flags & PT_IN_FALL_FIRES) != 0;
    }
    return (insn->flags & (PT_IN_JUMP_FIRES | PT_IN_ERROR_FIRES)) != 0;
}

// BINARY_OP looks for a STORE_FAST right behind it, to append in place.
static bool
is_append(const struct pt_flow *flow, int32_t i)
{
    return i > 0 && flow->insn[i].op == pt_bytecode.op.store_fast &&
           flow->insn[i - 1].op == pt_bytecode.op.binary_op &&
           !(flow->insn[i].flags & PT_IN_SIDEWAYS);
}

static int
begin_block(struct placing *placing, int32_t i)
{
    const struct pt_insn *insn = &placing->flow->insn[i];
    struct pt_site *site = &placing->layout->site[i];
    struct block *block = &placing->block[placing->blocks];

    // The last segment of the block before keeps its number to itself.
    placing->owner[placing->deriveds++] = PT_NONE;
    block->counter = placing->layout->counters++;
    block->line = insn->line;
    block->from = block->to = placing->deriveds;
    if (is_append(placing->flow, i)) {
        site->after = block->counter;
    }
    else if (i > 0 && pt_op_has(insn[-1].op, PT_OP_GLUED)) {
        return PT_FLOW_STRANGE;
    }
    else {
        site->above = block->counter;
    }
    // Who enters behind the probe is not counted: nothing can be derived.
    placing->current = PT_NONE;
    if (!(insn->flags & (PT_IN_JUMP_QUIET | PT_IN_ERROR_QUIET))) {
        placing->current = placing->blocks;
    }
    placing->blocks++;
    return PT_FLOW_OK;
}

// The segment before it has the same handler, one for all escapes.
static bool
is_behind_escape(const struct pt_insn *insn)
{
    return insn->range == PT_NONE && insn[-1].range == PT_NONE &&
           !pt_op_has(insn[-1].op, PT_OP_QUIET);
}

static int
derive_head(struct placing *placing, int32_t i)
{
    const struct pt_insn *insn = &placing->flow->insn[i];
    struct block *block = &placing->block[placing->current];

    placing->derived[placing->deriveds] = insn->line;
    placing->owner[placing->deriveds] = placing->current;
    block->to = ++placing->deriveds;
    if (pt_bytecode.ways.raises_before_call &&
        pt_op_has(insn->op, PT_OP_PUSHES) && !is_behind_escape(insn)) {
        // What a callee raises is looked up at the unit before this.
        placing->layout->site[i].above = PT_PAD;
        return pt_op_has(insn[-1].op, PT_OP_GLUED) ? PT_FLOW_STRANGE
                                                   : PT_FLOW_OK;
    }
    return PT_FLOW_OK;
}

// The line behind a wait has a probe, for it is not reached if the wait never
// ends.
static bool
has_room(const struct placing *placing, const struct pt_insn *insn)
{
    int32_t most = insn->range == PT_NONE ? LATE_LINES_MAX : BLOCK_LINES_MAX;
    const struct block *block;

    if (placing->current == PT_NONE || placing->waits ||
        placing->layout->per_line) {
        return false;
    }
    block = &placing->block[placing->current];
    return block->to - block->from < most;
}

static bool
ends_block(const struct pt_insn *insn)
{
    return insn->target != PT_NONE || insn->op == pt_bytecode.op.yield_value ||
           pt_op_has(insn->op, PT_OP_STOPS | PT_OP_UNMARKED);
}

static int
find_blocks(struct placing *placing)
{
    const struct pt_flow *flow = placing->flow;
    int status = PT_FLOW_OK;

    placing->current = PT_NONE;
    for (int32_t i = 0; i < flow->insns && status == PT_FLOW_OK; i++) {
        const struct pt_insn *insn = &flow->insn[i];

        if (insn->flags & (PT_IN_SIDEWAYS | PT_IN_LANDING)) {
            placing->current = PT_NONE;
        }
        if (has_head(insn)) {
            status = has_room(placing, insn) ? derive_head(placing, i)
                                             : begin_block(placing, i);
            placing->waits = false;
        }
        placing->waits |= (insn->flags & PT_WAITS) != 0;
        placing->segment[i] = placing->current != PT_NONE ? placing->deriveds
                                                          : PT_NONE;
        if (ends_block(insn)) {
            placing->current = PT_NONE;
        }
    }
    return status;
}

static int
add_block_terms(struct placing *placing)
{
    for (int32_t b = 0; b < placing->blocks; b++) {
        const struct block *block = &placing->block[b];

        if (pt_layout_add_term(placing->layout, block->line, block->counter,
                               1) < 0) {
            return PT_FLOW_NOMEM;
        }
        for (int32_t d = block->from; d < block->to; d++) {
            if (pt_layout_add_term(placing->layout, placing->derived[d],
                                   block->counter, 1) < 0) {
                return PT_FLOW_NOMEM;
            }
        }
    }
    return PT_FLOW_OK;
}

// The trampoline to `to`, shared by all that need one.
static int32_t
trampoline_to(struct placing *placing, int32_t to, int32_t *via)
{
    struct pt_layout *layout = placing->layout;
    int32_t counter;

    if (*via != PT_NONE) {
        return *via;
    }
    counter = layout->counters++;
    *via = pt_layout_add_trampoline(layout,
                                    (struct pt_trampoline){counter, to, true});
    if (*via < 0) {
        return PT_FLOW_NOMEM;
    }
    if (pt_layout_add_term(layout, placing->flow->insn[to].line, counter, 1) <
        0) {
        return PT_FLOW_NOMEM;
    }
    return *via;
}

// A probe before its jump also counts the jumps that an interrupt prevents.
static int
correct_interrupts(struct placing *placing, int32_t i)
{
    struct pt_layout *layout = placing->layout;
    const struct pt_insn *insn = &placing->flow->insn[i];
    const struct pt_insn *to = &placing->flow->insn[insn->lands];
    struct pt_site *site = &layout->site[i];
    int32_t counter, stub;

    if (insn->op != pt_bytecode.op.jump_backward) {
        return PT_FLOW_OK;
    }
    if (!pt_bytecode.ways.interrupts_at_source) {
        site = &layout->site[insn->lands];
        insn = to - 1;
        if (site->above_stub != PT_NONE) {
            return PT_FLOW_OK;
        }
    }
    counter = layout->counters++;
    stub = pt_layout_add_stub(layout,
                              (struct pt_stub){
                                  .counter = counter,
                                  .range = insn->range,
                                  .fires = (insn->flags & PT_ERROR_FIRES) != 0,
                              });
    if (stub < 0) {
        return PT_FLOW_NOMEM;
    }
    if (pt_bytecode.ways.interrupts_at_source) {
        site->stub = stub;
    }
    else {
        site->above = PT_PAD;
        site->above_stub = stub;
    }
    return pt_layout_add_term(layout, to->line, counter, -1);
}

static int
count_jump(struct placing *placing, int32_t i, int32_t *via)
{
    struct pt_layout *layout = placing->layout;
    const struct pt_insn *insn = &placing->flow->insn[i];
    struct pt_site *site = &layout->site[i];

    if (!pt_op_has(insn->op, PT_OP_STOPS)) {
        site->jump_via = trampoline_to(placing, insn->lands, via);
        return site->jump_via < 0 ? PT_FLOW_NOMEM : PT_FLOW_OK;
    }
    if (i > 0 && pt_op_has(insn[-1].op, PT_OP_GLUED)) {
        return PT_FLOW_STRANGE;
    }
    site->leaving = layout->counters++;
    if (pt_layout_add_term(layout, placing->flow->insn[insn->lands].line,
                           site->leaving, 1) < 0) {
        return PT_FLOW_NOMEM;
    }
    return correct_interrupts(placing, i);
}

static int
place_sideways(struct placing *placing)
{
    const struct pt_flow *flow = placing->flow;
    int32_t *via = pt_arena_array(placing->layout->arena, (size_t)flow->insns,
                                  sizeof(*via));

    if (via == NULL) {
        return PT_FLOW_NOMEM;
    }
    for (int32_t i = 0; i < flow->insns; i++) {
        via[i] = PT_NONE;
    }
    for (int32_t i = 0; i < flow->insns; i++) {
        const struct pt_insn *insn = &flow->insn[i];
        int status = PT_FLOW_OK;

        if ((insn->flags & PT_JUMP_FIRES) &&
            !has_head(&flow->insn[insn->lands])) {
            status = count_jump(placing, i, &via[insn->lands]);
        }
        if (status == PT_FLOW_OK && (insn->flags & PT_IN_ERROR_FIRES) &&
            !has_head(insn)) {
            struct pt_site *site = &placing->layout->site[i];

            site->error_via = trampoline_to(placing, i, &via[i]);
            status = site->error_via < 0 ? PT_FLOW_NOMEM : PT_FLOW_OK;
        }
        if (status != PT_FLOW_OK) {
            return status;
        }
    }
    return PT_FLOW_OK;
}

// True if an exception between `from` and `to` must be subtracted.
static bool
needs_stubs(const struct placing *placing, int32_t from, int32_t to)
{
    int32_t segment = placing->segment[from];

    // The last segment of a block has nothing behind it.
    if (segment == PT_NONE || segment == placing->deriveds ||
        placing->owner[segment] == PT_NONE) {
        return false;
    }
    for (int32_t i = from; i < to; i++) {
        if (!pt_op_has(placing->flow->insn[i].op, PT_OP_QUIET)) {
            return true;
        }
    }
    return false;
}

// One stub for all of a segment (its stubs begin at `oldest`) that goes on at
// the same handler in the same way.
static int32_t
stub_for(struct pt_layout *layout, int32_t oldest, struct pt_stub stub)
{
    for (int32_t s = layout->stubs - 1; s >= oldest; s--) {
        if (layout->stub[s].range == stub.range &&
            layout->stub[s].fires == stub.fires) {
            return s;
        }
    }
    return pt_layout_add_stub(layout, stub);
}

static int
place_stub(struct pt_layout *layout, const struct pt_insn *insn,
           struct pt_site *site, int32_t *counter, int32_t oldest)
{
    struct pt_stub stub = {
        .counter = *counter == PT_NONE ? layout->counters++ : *counter,
        .range = insn->range,
        .fires = (insn->flags & PT_ERROR_FIRES) != 0,
    };

    *counter = stub.counter;
    site->stub = stub_for(layout, oldest, stub);
    if (site->stub >= 0 && (insn->flags & PT_CALLEE_FIRES)) {
        stub.fires = true;
        site->tail_stub = stub_for(layout, oldest, stub);
        return site->tail_stub < 0 ? PT_FLOW_NOMEM : PT_FLOW_OK;
    }
    return site->stub < 0 ? PT_FLOW_NOMEM : PT_FLOW_OK;
}

static int
place_escape(struct pt_layout *layout, struct pt_site *site, int32_t *piece)
{
    if (*piece == PT_NONE) {
        *piece = layout->pieces++;
    }
    site->piece = *piece;
    site->stub = pt_layout_escape_stub(layout, *piece);
    return site->stub < 0 ? PT_FLOW_NOMEM : PT_FLOW_OK;
}

// What is raised in the segment keeps its block's later lines from running.
static int
take_back(struct placing *placing, int32_t segment, int32_t counter,
          int32_t piece)
{
    struct pt_layout *layout = placing->layout;
    const struct block *block = &placing->block[placing->owner[segment]];
    bool is_late = piece != PT_NONE && layout->finds_late;
    bool has_terms = counter != PT_NONE || is_late;

    for (int32_t d = segment; has_terms && d < block->to; d++) {
        int32_t line = placing->derived[d];

        if (counter != PT_NONE &&
            pt_layout_add_term(layout, line, counter, -1) < 0) {
            return PT_FLOW_NOMEM;
        }
        if (is_late && pt_layout_add_late(layout, line, piece, -1) < 0) {
            return PT_FLOW_NOMEM;
        }
    }
    return PT_FLOW_OK;
}

static int
place_stubs(struct placing *placing, int32_t from, int32_t to)
{
    struct pt_layout *layout = placing->layout;
    int32_t counter = PT_NONE, piece = PT_NONE;
    int32_t oldest = layout->stubs;

    for (int32_t i = from; i < to; i++) {
        const struct pt_insn *insn = &placing->flow->insn[i];
        struct pt_site *site = &layout->site[i];
        int status = insn->range == PT_NONE
                         ? place_escape(layout, site, &piece)
                         : place_stub(layout, insn, site, &counter, oldest);

        if (status < 0) {
            return status;
        }
    }
    layout->site[from].above_stub = layout->site[from].stub;
    return take_back(placing, placing->segment[from], counter, piece);
}

static int
place_all_stubs(struct placing *placing)
{
    int32_t insns = placing->flow->insns, from = 0;

    while (from < insns) {
        int32_t to = from + 1;

        while (to < insns && placing->segment[to] == placing->segment[from]) {
            to++;
        }
        if (needs_stubs(placing, from, to) &&
            place_stubs(placing, from, to) < 0) {
            return PT_FLOW_NOMEM;
        }
        from = to;
    }
    return PT_FLOW_OK;
}

static int
correct_reraises(struct placing *placing)
{
    const struct pt_flow *flow = placing->flow;
    int status = PT_FLOW_OK;

    for (int32_t i = 0; i < flow->insns && status == PT_FLOW_OK; i++) {
        if (flow->insn[i].flags & PT_ERROR_VARIES) {
            status = pt_layout_select_reraised(placing->layout, flow, i);
        }
    }
    return status;
}

// The first block tells the calls unless something jumps back to it.
static int
count_calls(struct placing *placing)
{
    struct pt_layout *layout = placing->layout;
    int32_t first = placing->flow->first;
    int32_t counter = PT_NONE;

    if (first + 1 < placing->flow->insns &&
        !(placing->flow->insn[first + 1].flags & PT_IN_SIDEWAYS)) {
        counter = layout->site[first + 1].above;
    }
    if (counter < 0) {
        counter = layout->counters++;
        layout->site[first].after = counter;
    }
    return pt_layout_add_term(layout, PT_LINE_CALLS, counter, 1);
}

int
pt_place_blocks(struct pt_layout *layout, const struct pt_flow *flow)
{
    struct placing placing = {.layout = layout, .flow = flow};
    size_t insns = (size_t)flow->insns;
    int status;

    placing.block =
        pt_arena_array(layout->arena, insns, sizeof(*placing.block));
    placing.derived =
        pt_arena_array(layout->arena, insns, sizeof(*placing.derived));
    placing.segment =
        pt_arena_array(layout->arena, insns, sizeof(*placing.segment));
    placing.owner =
        pt_arena_array(layout->arena, insns, sizeof(*placing.owner));
    if (placing.block == NULL || placing.derived == NULL ||
        placing.segment == NULL || placing.owner == NULL) {
        return PT_FLOW_NOMEM;
    }
    status = find_blocks(&placing);
    if (status == PT_FLOW_OK) {
        status = count_calls(&placing);
    }
    if (status == PT_FLOW_OK) {
        status = add_block_terms(&placing);
    }
    if (status == PT_FLOW_OK) {
        status = place_sideways(&placing);
    }
    if (status == PT_FLOW_OK) {
        status = place_all_stubs(&placing);
    }
    return status == PT_FLOW_OK ? correct_reraises(&placing) : status;
}
