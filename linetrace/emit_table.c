/* SPDX-License-Identifier: MIT */
/* emit_table.c - the writing half of emit.h: code, locations, exceptions. */
#include "linetrace/emit.h"

#include <stdbool.h>

#include "linetrace/bytecode.h"
#include "linetrace/events.h"
#include "linetrace/exctable.h"
#include "linetrace/linetable.h"

static const struct pt_catch uncaught = {PT_NONE, 0};

void
pt_emit_code(const struct pt_emit *emit, uint8_t *out)
{
    for (int32_t i = 0; i < emit->insns; i++) {
        const struct pt_emitted *insn = &emit->insn[i];
        int caches = pt_bytecode.info[insn->op].units - 1;

        for (int shift = 8 * insn->prefixes; shift > 0; shift -= 8) {
            *out++ = pt_bytecode.op.extended_arg;
            *out++ = (uint8_t)(insn->arg >> shift);
        }
        *out++ = insn->op;
        *out++ = (uint8_t)insn->arg;
        for (; caches > 0; caches--) {
            *out++ = 0;
            *out++ = 0;
        }
    }
}

static bool
same_spot(const struct pt_emitted *a, const struct pt_emitted *b)
{
    return a->spot == b->spot && (a->spot != PT_NONE || a->line == b->line);
}

size_t
pt_emit_lines(const struct pt_emit *emit, uint8_t **out)
{
    struct pt_linetable_writer writer = {.line = emit->flow->first_line};
    size_t entries = (size_t)emit->insns + (size_t)emit->units / 8 + 1;
    int32_t from = 0;

    *out = pt_arena_array(emit->arena, entries, PT_LINETABLE_ENTRY_BYTES);
    if (*out == NULL) {
        return 0;
    }
    writer.next = *out;
    while (from < emit->insns) {
        const struct pt_emitted *insn = &emit->insn[from];
        struct pt_spot spot = {insn->line, insn->line, PT_NONE, PT_NONE};
        int32_t to = from + 1, end = emit->units;

        while (to < emit->insns && same_spot(insn, &emit->insn[to])) {
            to++;
        }
        if (to < emit->insns) {
            end = emit->insn[to].start;
        }
        if (insn->spot != PT_NONE) {
            spot = emit->flow->spot[insn->spot];
        }
        pt_linetable_write(&writer, &spot, end - insn->start);
        from = to;
    }
    return (size_t)(writer.next - *out);
}

// Rows are written when they end: neighbours with one handler become one.
static uint8_t *
extend_row(const struct pt_emit *emit, uint8_t *next, struct pt_range *row,
           struct pt_catch catch, int32_t from, int32_t to)
{
    int32_t handler = PT_NONE;

    if (catch.label != PT_NONE) {
        handler = emit->insn[emit->label[catch.label]].start;
    }
    if (from == to || (row->handler == handler && row->depth == catch.depth)) {
        row->to = to;
        return next;
    }
    if (row->handler != PT_NONE) {
        next = pt_exctable_write(next, row);
    }
    *row = (struct pt_range){from, to, handler, catch.depth};
    return next;
}

size_t
pt_emit_ranges(const struct pt_emit *emit, uint8_t **out)
{
    struct pt_range row = {0, 0, PT_NONE, 0};
    size_t rows = 2 * (size_t)emit->insns + 1;
    uint8_t *next;

    *out = pt_arena_array(emit->arena, rows, PT_EXCTABLE_ROW_BYTES);
    if (*out == NULL) {
        return 0;
    }
    next = *out;
    for (int32_t i = 0; i < emit->insns; i++) {
        const struct pt_emitted *insn = &emit->insn[i];
        int32_t end = insn->start + pt_emitted_units(insn);
        int32_t tail = insn->start + insn->prefixes + 1;

        next = extend_row(emit, next, &row, insn->catch, insn->start, tail);
        next = extend_row(emit, next, &row, insn->tail, tail, end);
    }
    next =
        extend_row(emit, next, &row, uncaught, emit->units, emit->units + 1);
    return (size_t)(next - *out);
}

uint32_t *
pt_emit_quiet_units(const struct pt_emit *emit, int32_t stub, size_t *count)
{
    int32_t range = emit->layout->stub[stub].range;
    int32_t handler = emit->flow->range[range].handler;
    uint32_t *unit =
        pt_arena_array(emit->arena, 4 * (size_t)emit->insns, sizeof(*unit));

    *count = 0;
    if (unit == NULL) {
        return NULL;
    }
    for (int32_t i = 0; i < emit->insns; i++) {
        const struct pt_emitted *insn = &emit->insn[i];
        int32_t head = insn->prefixes + 1;

        if (insn->origin == PT_NONE) {
            continue;
        }
        for (int tail = 0; tail < 2; tail++) {
            int32_t from = insn->start + (tail ? head : 0);
            int32_t to = insn->start + (tail ? pt_emitted_units(insn) : head);

            if (from < to && !pt_events_error_fires(emit->flow, insn->origin,
                                                    handler, tail)) {
                unit[2 * *count] = (uint32_t)from;
                unit[2 * *count + 1] = (uint32_t)to;
                *count += 1;
            }
        }
    }
    return unit;
}
