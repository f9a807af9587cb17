/* SPDX-License-Identifier: MIT */
/* emit.c - see emit.h. */
#include "linetrace/emit.h"

#include "linetrace/bytecode.h"
#include "linetrace/emit_catch.h"

// Arguments of BINARY_OP.
#define NB_ADD 0
#define NB_SUBTRACT 10
#define STUB_PIECES 7  // the longest stub

// Without a place but for the line, and no old one; jumps are taken to be
// short, and emit_jump.c finds those that are not.
static struct pt_emitted *
put(struct pt_emit *emit, uint8_t op, uint32_t arg, int32_t line,
    struct pt_catch catch)
{
    struct pt_emitted *piece = &emit->piece[emit->pieces++];

    piece->op = op;
    piece->arg = arg;
    piece->prefixes = pt_emit_prefixes(arg);
    piece->start = emit->units;
    piece->units = piece->prefixes + pt_bytecode.info[op].units;
    piece->label = PT_NONE;
    piece->line = line;
    piece->origin = PT_NONE;
    piece->copies = 0;
    piece->runs[0] = piece->runs[1] = 0;
    piece->is_quiet = false;
    piece->catch = piece->tail = catch;
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

static struct pt_emitted *
put_counter(struct pt_emit *emit, int32_t counter, const uint8_t runs[2],
            int32_t line, struct pt_catch catch)
{
    uint32_t constant = (uint32_t)(emit->first_const + counter);
    struct pt_emitted *piece =
        put(emit, pt_bytecode.op.load_const, constant, line, catch);

    for (int i = 0; i < 2; i++) {
        piece->runs[i] = runs[i];
        piece->units += pt_bytecode.info[runs[i]].units;
        emit->units += pt_bytecode.info[runs[i]].units;
    }
    return piece;
}

static void
put_probe(struct pt_emit *emit, int32_t counter, int32_t line,
          struct pt_catch catch)
{
    (void)put_counter(emit, counter, pt_bytecode.op.runs_probe, line, catch);
}

static void
put_callprobe(struct pt_emit *emit, enum pt_callprobe which, int32_t line,
              struct pt_catch catch)
{
    put_probe(emit, emit->layout->counters + (int32_t)which, line, catch);
}

static int32_t
label_of_jump(const struct pt_emit *emit, int32_t i)
{
    const struct pt_insn *insn = &emit->flow->insn[i];
    int32_t via = emit->layout->site[i].jump_via;

    if (via != PT_NONE) {
        return pt_label_trampoline(emit, via);
    }
    return pt_door(emit, insn->target, (insn->flags & PT_JUMP_FIRES) != 0);
}

// Above an instruction the interpreter may look for a callee's exception, or
// for the interrupt of a jump that arrives: each version has one of the two.
static struct pt_catch
catch_above(const struct pt_emit *emit, int32_t i)
{
    int32_t stub = emit->layout->site[i].above_stub;
    bool own = pt_bytecode.ways.raises_before_call || i == 0;

    return pt_catch_of(emit, own ? i : i - 1, stub);
}

// Can it only be copied as it is?
static bool
is_copied(const struct pt_insn *old)
{
    return old->target == PT_NONE && !(old->flags & PT_CALLEE_FIRES);
}

// No exception is looked up there, so its way out is that of its neighbours:
// it raises none, and the next one looks for none at the unit before it.
static bool
is_quiet(const struct pt_flow *flow, int32_t i)
{
    const struct pt_insn *insn = &flow->insn[i];

    return pt_op_has(insn->op, PT_OP_QUIET) && i > flow->first &&
           i + 1 < flow->insns && !(insn[1].flags & PT_AIM) &&
           !(pt_bytecode.ways.raises_before_call &&
             pt_op_has(insn[1].op, PT_OP_PUSHES));
}

static bool
same_way_out(const struct pt_emit *emit, int32_t a, int32_t b)
{
    const struct pt_insn *insn = emit->flow->insn;
    const struct pt_site *site = emit->layout->site;

    return site[a].stub == site[b].stub &&
           (site[a].stub != PT_NONE ||
            (insn[a].range == insn[b].range &&
             ((insn[a].flags ^ insn[b].flags) & PT_ERROR_FIRES) == 0));
}

// Is something put behind it?
static bool
has_after(const struct pt_emit *emit, int32_t i)
{
    return emit->layout->site[i].after != PT_NONE ||
           pt_layout_is_call(emit->layout, emit->flow, i);
}

// Nothing is to be done there but to copy it.
static bool
is_plain(const struct pt_emit *emit, int32_t i)
{
    const struct pt_insn *insn = &emit->flow->insn[i];
    const struct pt_site *site = &emit->layout->site[i];

    return is_copied(insn) && !(insn->flags & PT_AIM) &&
           site->above == PT_NONE && site->leaving == PT_NONE &&
           site->standin == PT_NONE && site->trap == PT_NONE &&
           !has_after(emit, i) &&
           !pt_layout_is_return(emit->layout, emit->flow, i);
}

// The end of the old instructions from `i` on that can be copied as one piece,
// and the first of them that is not quiet, whose way out all of it has.
static int32_t
find_run(const struct pt_emit *emit, int32_t i, int32_t *decider)
{
    const struct pt_flow *flow = emit->flow;
    int32_t end = i, insns = has_after(emit, i) ? i + 1 : flow->insns;

    *decider = PT_NONE;
    do {
        if (!is_quiet(flow, end)) {
            *decider = *decider == PT_NONE ? end : *decider;
            if (!same_way_out(emit, *decider, end)) {
                break;
            }
        }
        end++;
    } while (end < insns && is_plain(emit, end));
    return end;
}

static int32_t
put_run(struct pt_emit *emit, int32_t i)
{
    const struct pt_insn *old = &emit->flow->insn[i];
    int32_t decider, end = find_run(emit, i, &decider);
    int32_t culprit = decider != PT_NONE ? decider : i;
    int32_t units = pt_flow_start(emit->flow, end) - old->start;
    struct pt_emitted *piece =
        put(emit, old->op, old->arg, old->line,
            pt_catch_of(emit, culprit, emit->layout->site[culprit].stub));

    piece->origin = i;
    piece->copies = end - i;
    piece->is_quiet = decider == PT_NONE;
    // The compiler's prefixes are kept, even if there are too many.
    emit->units += units - piece->units;
    piece->units = units;
    return end;
}

static void
put_changed(struct pt_emit *emit, int32_t i, struct pt_catch catch)
{
    const struct pt_insn *old = &emit->flow->insn[i];
    const struct pt_site *site = &emit->layout->site[i];
    struct pt_emitted *piece = put(emit, old->op, old->arg, old->line, catch);

    piece->origin = i;
    if (old->flags & PT_CALLEE_FIRES) {
        piece->tail = site->tail_stub != PT_NONE
                          ? pt_catch_of(emit, i, site->tail_stub)
                          : pt_catch_at(emit, old->range, true);
    }
    if (old->target != PT_NONE) {
        let_jump(emit, piece, label_of_jump(emit, i));
    }
}

static void
put_standin(struct pt_emit *emit, int32_t i, struct pt_catch catch)
{
    const uint8_t runs[2] = {pt_bytecode.op.unary_invert, 0};
    struct pt_emitted *piece =
        put_counter(emit, emit->layout->site[i].standin, runs,
                    emit->flow->insn[i].line, catch);

    piece->origin = i;
    piece->is_quiet = is_quiet(emit->flow, i);
}

static void
put_after(struct pt_emit *emit, int32_t i, struct pt_catch catch)
{
    // The body has not begun at its RESUME: no line, no event.
    int32_t line = i == emit->flow->first ? PT_NONE : emit->flow->insn[i].line;

    if (pt_layout_is_call(emit->layout, emit->flow, i)) {
        put_callprobe(emit, PT_CALLPROBE_CALL, line, catch);
    }
    if (emit->layout->site[i].after != PT_NONE) {
        put_probe(emit, emit->layout->site[i].after, line, catch);
    }
}

// Old instruction `i` and those that are copied with it: where they end.
static int32_t
put_old(struct pt_emit *emit, int32_t i)
{
    const struct pt_insn *insn = &emit->flow->insn[i];
    const struct pt_site *site = &emit->layout->site[i];
    struct pt_catch catch = pt_catch_of(emit, i, site->stub);
    int32_t end = i + 1;

    emit->label[pt_label_above(i)] = emit->pieces;
    if (site->above >= 0) {
        put_probe(emit, site->above, insn->line, catch_above(emit, i));
    }
    else if (site->above == PT_PAD) {
        // That of a trap belongs to the line before.
        put(emit, pt_bytecode.op.nop, 0,
            emit->layout->traps > 0 ? insn[-1].line : insn->line,
            catch_above(emit, i));
    }
    emit->label[pt_label_in(i)] = emit->pieces;
    if (site->leaving != PT_NONE) {
        put_probe(emit, site->leaving, insn->line, catch);
    }
    if (pt_layout_is_return(emit->layout, emit->flow, i)) {
        put_callprobe(emit, PT_CALLPROBE_RETURN, insn->line, catch);
    }
    if (site->standin != PT_NONE) {
        put_standin(emit, i, catch);
    }
    else if (is_copied(insn)) {
        end = put_run(emit, i);
    }
    else {
        put_changed(emit, i, catch);
    }
    put_after(emit, i, catch);
    return end;
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
             put(emit, pt_bytecode.op.jump_back_quiet, 0, line, pt_uncaught),
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
    emit->label[pt_label_trampoline(emit, i)] = emit->pieces;
    put_probe(emit, trampoline->counter, line, pt_uncaught);
    put_jump_back(emit, pt_label_in(trampoline->to), line);
}

// On the stack: the culprit's offset, then the exception.
static void
put_question(struct pt_emit *emit, int32_t constant, uint32_t op, int32_t line)
{
    uint32_t arg = (uint32_t)(emit->first_const + constant);

    if (pt_bytecode.ways.offset_is_tagged) {
        put(emit, pt_bytecode.op.load_const, arg, line, pt_uncaught);
        put(emit, pt_bytecode.op.unary_invert, 0, line, pt_uncaught);
    }
    else {
        put(emit, pt_bytecode.op.copy, 2, line, pt_uncaught);
        put(emit, pt_bytecode.op.load_const, arg, line, pt_uncaught);
        put(emit, pt_bytecode.op.binary_op, op, line, pt_uncaught);
    }
    put(emit, pt_bytecode.op.pop_top, 0, line, pt_uncaught);
}

static void
put_selector(struct pt_emit *emit, const struct pt_stub *stub, int32_t line)
{
    put_question(emit, stub->counter, NB_ADD, line);
    if (!(emit->flow->range[stub->range].depth & PT_DEPTH_LASTI)) {
        put(emit, pt_bytecode.op.swap, 2, line, pt_uncaught);
        put(emit, pt_bytecode.op.pop_top, 0, line, pt_uncaught);
    }
}

// The constant behind all probes.
static void
put_escape(struct pt_emit *emit, int32_t i)
{
    uint32_t op = i == emit->layout->escape_stub[0] ? NB_ADD : NB_SUBTRACT;

    put_question(emit, emit->layout->counters + emit->layout->callprobes, op,
                 PT_NONE);
}

static void
put_stub(struct pt_emit *emit, int32_t i)
{
    const struct pt_stub *stub = &emit->layout->stub[i];
    struct pt_catch onward = pt_catch_at(emit, stub->range, stub->fires);
    int32_t line = PT_NONE;

    emit->label[pt_label_stub(emit, i)] = emit->pieces;
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
        put_probe(emit, stub->counter, line, pt_uncaught);
    }
    if (onward.label != PT_NONE) {
        put_jump_back(emit, onward.label, line);
    }
    else {
        // The 1 says that the culprit's offset is there to be restored.
        put(emit, pt_bytecode.op.reraise, 1, PT_NONE, pt_uncaught);
    }
}

int32_t
pt_emit_start(const struct pt_emit *emit, int32_t insn)
{
    return emit->piece[emit->label[pt_label_in(insn)]].start;
}

// As many as there may be: each counter has one probe, and each return.
static size_t
count_pieces(const struct pt_flow *flow, const struct pt_layout *layout)
{
    return (layout->callprobes != 0 ? 3 : 2) * (size_t)flow->insns + 1 +
           (size_t)layout->counters +
           STUB_PIECES * (size_t)(layout->stubs + layout->trampolines);
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
    for (int32_t i = 0; i < flow->insns;) {
        i = put_old(emit, i);
    }
    for (int32_t i = 0; i < layout->trampolines; i++) {
        put_trampoline(emit, i);
    }
    for (int32_t i = 0; i < layout->stubs; i++) {
        put_stub(emit, i);
    }
    return pt_emit_find_distances(emit);
}
