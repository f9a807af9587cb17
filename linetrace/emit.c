/* SPDX-License-Identifier: MIT */
/* emit.c - see emit.h.
 *
 * Labels: two for each old instruction (`above`, `in`), then one for each
 * trampoline, then one for each stub.
 */
#include "linetrace/emit.h"

#include "linetrace/bytecode.h"

// Arguments of BINARY_OP.
#define NB_ADD 0
#define NB_SUBTRACT 10

#define STUB_PIECES 7  // the longest stub

// Out of the frame, with the offset of the culprit on an empty stack.
#define DEPTH_OUT 1u
#define DEPTH_LASTI 1u

static const struct pt_catch uncaught = {PT_NONE, 0};

static int32_t
label_above(int32_t insn)
{
    return 2 * insn;
}

static int32_t
label_in(int32_t insn)
{
    return 2 * insn + 1;
}

static int32_t
label_trampoline(const struct pt_emit *emit, int32_t trampoline)
{
    return 2 * emit->flow->insns + trampoline;
}

static int32_t
label_stub(const struct pt_emit *emit, int32_t stub)
{
    return 2 * emit->flow->insns + emit->layout->trampolines + stub;
}

static int32_t
door(const struct pt_emit *emit, int32_t insn, bool fires)
{
    bool above = fires && !emit->layout->enters_in &&
                 emit->layout->site[insn].above >= 0;

    return above ? label_above(insn) : label_in(insn);
}

static struct pt_catch
catch_at(const struct pt_emit *emit, int32_t range, bool fires)
{
    const struct pt_range *row;
    int32_t via;

    if (range == PT_NONE) {
        return uncaught;
    }
    row = &emit->flow->range[range];
    via = emit->layout->site[row->handler].error_via;
    if (fires && via != PT_NONE) {
        return (struct pt_catch){label_trampoline(emit, via), row->depth};
    }
    return (struct pt_catch){door(emit, row->handler, fires), row->depth};
}

// A selector asks for the culprit even if the handler does not.
static uint32_t
stub_depth(const struct pt_emit *emit, const struct pt_stub *stub)
{
    uint32_t depth;

    if (stub->range == PT_NONE) {
        return DEPTH_OUT;
    }
    depth = emit->flow->range[stub->range].depth;
    return stub->varies ? depth | DEPTH_LASTI : depth;
}

static struct pt_catch
catch_of(const struct pt_emit *emit, int32_t insn, int32_t stub)
{
    const struct pt_insn *from = &emit->flow->insn[insn];

    if (stub == PT_NONE) {
        return catch_at(emit, from->range,
                        (from->flags & PT_ERROR_FIRES) != 0);
    }
    return (struct pt_catch){label_stub(emit, stub),
                             stub_depth(emit, &emit->layout->stub[stub])};
}

static uint8_t
prefixes_for(uint32_t arg)
{
    return (uint8_t)((arg > 0xff) + (arg > 0xffff) + (arg > 0xffffff));
}

// Without a place but for the line, and no old one; jumps are taken to be
// short, and set_distances() finds those that are not.
static struct pt_emitted *
put(struct pt_emit *emit, uint8_t op, uint32_t arg, int32_t line,
    struct pt_catch catch)
{
    struct pt_emitted *piece = &emit->piece[emit->pieces++];

    piece->op = op;
    piece->arg = arg;
    piece->prefixes = prefixes_for(arg);
    piece->start = emit->units;
    piece->units = piece->prefixes + pt_bytecode.info[op].units;
    piece->label = PT_NONE;
    piece->line = line;
    piece->origin = PT_NONE;
    piece->copies = 0;
    piece->is_probe = false;
    piece->catch = catch;
    piece->tail = catch;
    emit->units += piece->units;
    return piece;
}

static void
let_jump(struct pt_emit *emit, struct pt_emitted *piece, int32_t label)
{
    emit->units -= piece->prefixes;
    piece->units -= piece->prefixes;
    piece->prefixes = 0;
    piece->label = label;
    emit->jump[emit->jumps++] = emit->pieces - 1;
}

static void
put_probe(struct pt_emit *emit, int32_t counter, int32_t line,
          struct pt_catch catch)
{
    uint32_t constant = (uint32_t)(emit->first_const + counter);
    struct pt_emitted *piece =
        put(emit, pt_bytecode.op.load_const, constant, line, catch);
    int32_t rest = pt_bytecode.info[pt_bytecode.op.unary_invert].units +
                   pt_bytecode.info[pt_bytecode.op.pop_top].units;

    piece->is_probe = true;
    piece->units += rest;
    emit->units += rest;
}

static int32_t
label_of_jump(const struct pt_emit *emit, int32_t i)
{
    const struct pt_insn *insn = &emit->flow->insn[i];
    int32_t via = emit->layout->site[i].jump_via;

    if (via != PT_NONE) {
        return label_trampoline(emit, via);
    }
    return door(emit, insn->target, (insn->flags & PT_JUMP_FIRES) != 0);
}

// Above an instruction the interpreter may look for a callee's exception, or
// for the interrupt of a jump that arrives: each version has one of the two.
static struct pt_catch
catch_above(const struct pt_emit *emit, int32_t i)
{
    int32_t stub = emit->layout->site[i].above_stub;
    bool own = pt_bytecode.ways.raises_before_call || i == 0;

    return catch_of(emit, own ? i : i - 1, stub);
}

// Can it only be copied as it is?
static bool
is_copied(const struct pt_insn *old)
{
    return old->target == PT_NONE && !(old->flags & PT_CALLEE_FIRES);
}

static void
put_old(struct pt_emit *emit, int32_t i, struct pt_catch catch)
{
    const struct pt_insn *old = &emit->flow->insn[i];
    const struct pt_site *site = &emit->layout->site[i];
    struct pt_emitted *piece = put(emit, old->op, old->arg, old->line, catch);

    piece->origin = i;
    if (is_copied(old)) {
        int32_t units = pt_flow_start(emit->flow, i + 1) - old->start;

        // The compiler's prefixes are kept, even if there are too many.
        emit->units += units - piece->units;
        piece->units = units;
        piece->copies = 1;
    }
    if (old->flags & PT_CALLEE_FIRES) {
        piece->tail = site->tail_stub != PT_NONE
                          ? catch_of(emit, i, site->tail_stub)
                          : catch_at(emit, old->range, true);
    }
    if (old->target != PT_NONE) {
        let_jump(emit, piece, label_of_jump(emit, i));
    }
}

static bool
same_way_out(const struct pt_emit *emit, int32_t i)
{
    const struct pt_insn *insn = &emit->flow->insn[i];
    const struct pt_site *site = &emit->layout->site[i];

    return site->stub == site[-1].stub &&
           (site->stub != PT_NONE ||
            (insn->range == insn[-1].range &&
             ((insn->flags ^ insn[-1].flags) & PT_ERROR_FIRES) == 0));
}

// Does it only make the last piece longer?
static bool
goes_on(const struct pt_emit *emit, int32_t i)
{
    const struct pt_insn *insn = &emit->flow->insn[i];
    const struct pt_site *site = &emit->layout->site[i];

    return i > 0 && emit->piece[emit->pieces - 1].copies > 0 &&
           is_copied(insn) && !(insn->flags & PT_AIM) &&
           site->above == PT_NONE && site->leaving == PT_NONE &&
           same_way_out(emit, i);
}

static void
extend(struct pt_emit *emit, int32_t i)
{
    struct pt_emitted *piece = &emit->piece[emit->pieces - 1];
    int32_t units =
        pt_flow_start(emit->flow, i + 1) - emit->flow->insn[i].start;

    piece->copies += 1;
    piece->units += units;
    emit->units += units;
}

static void
put_insn(struct pt_emit *emit, int32_t i)
{
    const struct pt_insn *insn = &emit->flow->insn[i];
    const struct pt_site *site = &emit->layout->site[i];
    struct pt_catch catch = catch_of(emit, i, site->stub);

    emit->label[label_above(i)] = emit->pieces;
    if (site->above >= 0) {
        put_probe(emit, site->above, insn->line, catch_above(emit, i));
    }
    else if (site->above == PT_PAD) {
        put(emit, pt_bytecode.op.nop, 0, insn->line, catch_above(emit, i));
    }
    emit->label[label_in(i)] = emit->pieces;
    if (site->leaving != PT_NONE) {
        put_probe(emit, site->leaving, insn->line, catch);
    }
    put_old(emit, i, catch);
    if (site->after != PT_NONE) {
        // The body has not begun at its RESUME: no line, no event.
        put_probe(emit, site->after,
                  i == emit->flow->first ? PT_NONE : insn->line, catch);
    }
}

// Other tools must see the line event where it fires, and only there.
static int32_t
line_of_detour(const struct pt_emit *emit, int32_t to, bool fires)
{
    return fires ? PT_NONE : emit->flow->insn[to].line;
}

static void
put_jump_back(struct pt_emit *emit, int32_t label, int32_t line)
{
    let_jump(emit,
             put(emit, pt_bytecode.op.jump_back_quiet, 0, line, uncaught),
             label);
}

static void
put_trampoline(struct pt_emit *emit, int32_t i)
{
    const struct pt_trampoline *trampoline = &emit->layout->trampoline[i];
    int32_t line = emit->flow->insn[trampoline->to].line;

    // Where lines are marked the event fires here and not again at `to`.
    if (!pt_bytecode.ways.marks_lines) {
        line = line_of_detour(emit, trampoline->to, trampoline->fires);
    }
    emit->label[label_trampoline(emit, i)] = emit->pieces;
    put_probe(emit, trampoline->counter, line, uncaught);
    put_jump_back(emit, label_in(trampoline->to), line);
}

// On the stack: the culprit's offset, then the exception.
static void
put_selector(struct pt_emit *emit, const struct pt_stub *stub, int32_t line)
{
    put(emit, pt_bytecode.op.copy, 2, line, uncaught);
    put(emit, pt_bytecode.op.load_const,
        (uint32_t)(emit->first_const + stub->counter), line, uncaught);
    put(emit, pt_bytecode.op.binary_op, NB_ADD, line, uncaught);
    put(emit, pt_bytecode.op.pop_top, 0, line, uncaught);
    if (!(emit->flow->range[stub->range].depth & DEPTH_LASTI)) {
        put(emit, pt_bytecode.op.swap, 2, line, uncaught);
        put(emit, pt_bytecode.op.pop_top, 0, line, uncaught);
    }
}

// The same stack, and the constant behind all probes.
static void
put_escape(struct pt_emit *emit, int32_t i)
{
    uint32_t op = i == emit->layout->escape_stub[0] ? NB_ADD : NB_SUBTRACT;
    int32_t counter = emit->layout->counters;

    put(emit, pt_bytecode.op.copy, 2, PT_NONE, uncaught);
    put(emit, pt_bytecode.op.load_const,
        (uint32_t)(emit->first_const + counter), PT_NONE, uncaught);
    put(emit, pt_bytecode.op.binary_op, op, PT_NONE, uncaught);
    put(emit, pt_bytecode.op.pop_top, 0, PT_NONE, uncaught);
}

static void
put_stub(struct pt_emit *emit, int32_t i)
{
    const struct pt_stub *stub = &emit->layout->stub[i];
    struct pt_catch onward = catch_at(emit, stub->range, stub->fires);
    int32_t line = PT_NONE;

    emit->label[label_stub(emit, i)] = emit->pieces;
    if (onward.label != PT_NONE) {
        line = line_of_detour(emit, emit->flow->range[stub->range].handler,
                              stub->fires);
    }
    if (stub->escapes) {
        put_escape(emit, i);
    }
    else if (stub->varies) {
        put_selector(emit, stub, line);
    }
    else {
        put_probe(emit, stub->counter, line, uncaught);
    }
    if (onward.label != PT_NONE) {
        put_jump_back(emit, onward.label, line);
    }
    else {
        // The 1 says that the culprit's offset is there to be restored.
        put(emit, pt_bytecode.op.reraise, 1, PT_NONE, uncaught);
    }
}

// As many as there may be: each counter has one probe.
static size_t
count_pieces(const struct pt_flow *flow, const struct pt_layout *layout)
{
    size_t behind = (size_t)layout->stubs + (size_t)layout->trampolines;

    return 2 * (size_t)flow->insns + (size_t)layout->counters +
           STUB_PIECES * behind;
}

static void
set_starts(struct pt_emit *emit)
{
    int32_t unit = 0;

    for (int32_t i = 0; i < emit->pieces; i++) {
        emit->piece[i].start = unit;
        unit += emit->piece[i].units;
    }
    emit->units = unit;
}

// One jump: its distance, or its other direction. True if sizes moved.
static int
set_distance(const struct pt_emit *emit, struct pt_emitted *jump)
{
    int32_t from = jump->start + jump->units;
    int32_t to = emit->piece[emit->label[jump->label]].start;
    uint8_t prefixes, twin;

    if ((to < from) != pt_op_has(jump->op, PT_OP_BACKWARD) && to != from) {
        twin = pt_bytecode.info[jump->op].twin;
        if (twin == 0 ||
            pt_bytecode.info[twin].units != pt_bytecode.info[jump->op].units) {
            return PT_FLOW_STRANGE;
        }
        jump->op = twin;
    }
    jump->arg = (uint32_t)(to < from ? from - to : to - from);
    prefixes = prefixes_for(jump->arg);
    if (prefixes > jump->prefixes) {
        jump->units += prefixes - jump->prefixes;
        jump->prefixes = prefixes;
        return 1;
    }
    return 0;
}

// Prefixes only ever grow, so this ends.
static int
set_distances(struct pt_emit *emit)
{
    int moved = 1;

    while (moved) {
        moved = 0;
        for (int32_t i = 0; i < emit->jumps; i++) {
            int status = set_distance(emit, &emit->piece[emit->jump[i]]);

            if (status < 0) {
                return status;
            }
            moved |= status;
        }
        if (moved) {
            set_starts(emit);
        }
    }
    return emit->units > PT_UNITS_MAX ? PT_FLOW_STRANGE : PT_FLOW_OK;
}

int
pt_emit_lay(struct pt_emit *emit, struct pt_arena *arena,
            const struct pt_flow *flow, const struct pt_layout *layout,
            int32_t first_const)
{
    int32_t labels = 2 * flow->insns + layout->trampolines + layout->stubs;
    size_t pieces = count_pieces(flow, layout);

    *emit = (struct pt_emit){
        .arena = arena,
        .flow = flow,
        .layout = layout,
        .first_const = first_const,
        .labels = labels,
    };
    emit->piece = pt_arena_array(arena, pieces, sizeof(*emit->piece));
    emit->jump = pt_arena_array(arena, pieces, sizeof(*emit->jump));
    emit->label = pt_arena_array(arena, (size_t)labels, sizeof(*emit->label));
    if (emit->piece == NULL || emit->jump == NULL || emit->label == NULL) {
        return PT_FLOW_NOMEM;
    }
    for (int32_t i = 0; i < flow->insns; i++) {
        if (goes_on(emit, i)) {
            extend(emit, i);
        }
        else {
            put_insn(emit, i);
        }
    }
    for (int32_t i = 0; i < layout->trampolines; i++) {
        put_trampoline(emit, i);
    }
    for (int32_t i = 0; i < layout->stubs; i++) {
        put_stub(emit, i);
    }
    return set_distances(emit);
}
