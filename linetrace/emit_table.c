/* SPDX-License-Identifier: MIT */
/* emit_table.c - the writing half of emit.h: code, locations, exceptions. */
#include "linetrace/emit.h"

#include <stdbool.h>
#include <string.h>

#include "linetrace/bytecode.h"
#include "linetrace/events.h"
#include "linetrace/exctable.h"
#include "linetrace/linetable.h"

static const struct pt_catch uncaught = {PT_NONE, 0};

static uint8_t *
write_op(uint8_t *out, uint8_t op, uint32_t arg)
{
    int caches = pt_bytecode.info[op].units - 1;

    *out++ = op;
    *out++ = (uint8_t)arg;
    for (; caches > 0; caches--) {
        *out++ = 0;
        *out++ = 0;
    }
    return out;
}

static void
write_insn(uint8_t *out, const struct pt_emitted *piece)
{
    for (int shift = 8 * piece->prefixes; shift > 0; shift -= 8) {
        *out++ = pt_bytecode.op.extended_arg;
        *out++ = (uint8_t)(piece->arg >> shift);
    }
    out = write_op(out, piece->op, piece->arg);
    for (int i = 0; i < 2 && piece->runs[i] != 0; i++) {
        out = write_op(out, piece->runs[i], 0);
    }
}

void
pt_emit_code(const struct pt_emit *emit, uint8_t *out)
{
    const struct pt_flow *flow = emit->flow;

    for (int32_t i = 0; i < emit->pieces; i++) {
        const struct pt_emitted *piece = &emit->piece[i];
        size_t size_bytes = 2 * (size_t)piece->units;

        if (piece->copies > 0) {
            memcpy(out, flow->code + 2 * flow->insn[piece->origin].start,
                   size_bytes);
        }
        else {
            write_insn(out, piece);
        }
        out += size_bytes;
    }
}

// An entry is up to 8 code units, and may begin in an instruction.
static bool
is_mid_entry(const struct pt_flow *flow, int32_t old)
{
    return old < flow->insns &&
           flow->entry[flow->insn[old].entry].from != flow->insn[old].start;
}

// As many whole entries of old instructions `old` to `end` as can be copied;
// where the next begins.
static int32_t
copy_entries(const struct pt_flow *flow, struct pt_linetable_writer *writer,
             int32_t old, int32_t end)
{
    const struct pt_entry *from = &flow->entry[flow->insn[old].entry];
    const struct pt_entry *to;

    if (is_mid_entry(flow, old) || writer->line != from->before) {
        return old;
    }
    while (end > old && is_mid_entry(flow, end)) {
        end--;
    }
    if (end > old) {
        to = &flow->entry[end < flow->insns ? flow->insn[end].entry
                                            : flow->entries];
        memcpy(writer->next, from->at, (size_t)(to->at - from->at));
        writer->next += to->at - from->at;
        writer->line = to->before;
    }
    return end;
}

// Old instructions `from` to `to`, which are as long as they were.
static void
put_old_lines(const struct pt_flow *flow, struct pt_linetable_writer *writer,
              int32_t from, int32_t to)
{
    for (int32_t old = from; old < to;) {
        int32_t next = copy_entries(flow, writer, old, to);

        if (next == old) {
            next++;
            while (next < to &&
                   flow->insn[next].entry == flow->insn[old].entry) {
                next++;
            }
            pt_linetable_write_again(
                writer, &flow->entry[flow->insn[old].entry],
                pt_flow_start(flow, next) - pt_flow_start(flow, old));
        }
        old = next;
    }
}

// Jumps may have more prefixes, or fewer.
static bool
keeps_length(const struct pt_flow *flow, const struct pt_emitted *piece)
{
    return piece->origin != PT_NONE &&
           piece->units == pt_flow_start(flow, pt_emitted_end(piece)) -
                               flow->insn[piece->origin].start;
}

// Lines of the pieces from `i` on that can be written at once: how many.
static int32_t
put_lines(const struct pt_emit *emit, struct pt_linetable_writer *writer,
          int32_t i)
{
    const struct pt_flow *flow = emit->flow;
    const struct pt_emitted *piece = &emit->piece[i];
    int32_t left = emit->pieces - i, count = 1, units = piece->units;

    if (keeps_length(flow, piece)) {
        while (count < left && keeps_length(flow, &piece[count]) &&
               piece[count].origin == pt_emitted_end(&piece[count - 1])) {
            count++;
        }
        put_old_lines(flow, writer, piece->origin,
                      pt_emitted_end(&piece[count - 1]));
    }
    else if (piece->origin != PT_NONE) {
        pt_linetable_write_again(
            writer, &flow->entry[flow->insn[piece->origin].entry], units);
    }
    else {
        struct pt_spot spot = {piece->line, piece->line, PT_NONE, PT_NONE};

        for (; count < left && piece[count].origin == PT_NONE &&
               piece[count].line == piece->line;
             count++) {
            units += piece[count].units;
        }
        pt_linetable_write(writer, &spot, units);
    }
    return count;
}

size_t
pt_emit_lines(const struct pt_emit *emit, uint8_t **out)
{
    struct pt_linetable_writer writer = {.line = emit->flow->first_line};
    size_t entries = (size_t)emit->flow->entries + (size_t)emit->flow->insns +
                     (size_t)emit->pieces + (size_t)emit->units / 8 + 1;

    *out = pt_arena_array(emit->arena, entries, PT_LINETABLE_ENTRY_BYTES);
    if (*out == NULL) {
        return 0;
    }
    writer.next = *out;
    for (int32_t i = 0; i < emit->pieces;) {
        i += put_lines(emit, &writer, i);
    }
    return (size_t)(writer.next - *out);
}

/* The row that is being written, and where what it catches goes. */
struct open_row {
    uint8_t *next;
    struct pt_range range;
    struct pt_catch catch;
};

static bool
same_catch(struct pt_catch a, struct pt_catch b)
{
    return a.label == b.label && a.depth == b.depth;
}

static void
end_row(struct open_row *row, int32_t to)
{
    if (row->range.handler != PT_NONE && row->range.from < to) {
        row->range.to = to;
        row->next = pt_exctable_write(row->next, &row->range);
    }
}

// Labels are many for one place, so neighbours with one handler may differ.
static void
begin_row(const struct pt_emit *emit, struct open_row *row,
          struct pt_catch catch, int32_t from)
{
    int32_t handler = PT_NONE;

    if (catch.label != PT_NONE) {
        handler = emit->piece[emit->label[catch.label]].start;
    }
    if (row->range.handler != handler || row->range.depth != catch.depth) {
        end_row(row, from);
        row->range = (struct pt_range){from, from, handler, catch.depth};
    }
    row->catch = catch;
}

size_t
pt_emit_ranges(const struct pt_emit *emit, uint8_t **out)
{
    struct open_row row = {.range = {0, 0, PT_NONE, 0}, .catch = uncaught};
    size_t rows = 2 * (size_t)emit->pieces + 1;

    *out = pt_arena_array(emit->arena, rows, PT_EXCTABLE_ROW_BYTES);
    if (*out == NULL) {
        return 0;
    }
    row.next = *out;
    for (int32_t i = 0; i < emit->pieces; i++) {
        const struct pt_emitted *piece = &emit->piece[i];
        int32_t tail = piece->start + piece->prefixes + 1;

        if (piece->is_quiet) {
            continue;
        }
        if (!same_catch(piece->catch, row.catch)) {
            begin_row(emit, &row, piece->catch, piece->start);
        }
        if (!same_catch(piece->tail, row.catch) &&
            tail < piece->start + piece->units) {
            begin_row(emit, &row, piece->tail, tail);
        }
    }
    end_row(&row, emit->units);
    return (size_t)(row.next - *out);
}

/* The stretches of one stub, as far as they were found. */
struct quiet_units {
    uint32_t *unit;
    size_t count;
};

// What old instruction `old` of a piece raises itself, and what its callees.
static void
add_quiet(struct quiet_units *quiet, const struct pt_emit *emit,
          const struct pt_emitted *piece, int32_t old, int32_t handler)
{
    int caches = pt_bytecode.info[emit->flow->insn[old].op].units - 1;
    int32_t start = old == piece->origin
                        ? piece->start
                        : pt_emitted_behind(emit, piece, old - 1);
    int32_t end = pt_emitted_behind(emit, piece, old), head = end - caches;

    for (int tail = 0; tail < 2; tail++) {
        int32_t from = tail ? head : start, to = tail ? end : head;

        if (from < to &&
            !pt_events_error_fires(emit->flow, old, handler, tail)) {
            quiet->unit[2 * quiet->count] = (uint32_t)from;
            quiet->unit[2 * quiet->count + 1] = (uint32_t)to;
            quiet->count += 1;
        }
    }
}

uint32_t *
pt_emit_quiet_units(const struct pt_emit *emit, int32_t stub, size_t *count)
{
    int32_t range = emit->layout->stub[stub].range;
    int32_t handler = emit->flow->range[range].handler;
    struct quiet_units quiet = {0};

    quiet.unit = pt_arena_array(emit->arena, 4 * (size_t)emit->flow->insns,
                                sizeof(*quiet.unit));
    if (quiet.unit == NULL) {
        return NULL;
    }
    for (int32_t i = 0; i < emit->pieces; i++) {
        const struct pt_emitted *piece = &emit->piece[i];

        if (piece->origin == PT_NONE) {
            continue;
        }
        for (int32_t old = piece->origin; old < pt_emitted_end(piece); old++) {
            add_quiet(&quiet, emit, piece, old, handler);
        }
    }
    *count = quiet.count;
    return quiet.unit;
}
