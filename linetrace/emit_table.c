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

static int32_t
start_of(const struct pt_emit *emit, int32_t i)
{
    return i < emit->insns ? emit->insn[i].start : emit->units;
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

// Prefixes may have been added, or not be needed any more.
static bool
keeps_length(const struct pt_emit *emit, int32_t from, int32_t to)
{
    const struct pt_flow *flow = emit->flow;
    int32_t moved =
        emit->insn[from].start - flow->insn[emit->insn[from].origin].start;
    int32_t end;

    for (int32_t i = from + 1; i < to; i++) {
        const struct pt_emitted *insn = &emit->insn[i];

        if (insn->start - flow->insn[insn->origin].start != moved) {
            return false;
        }
    }
    end = emit->insn[to - 1].origin + 1;
    return start_of(emit, to) -
               (end < flow->insns ? flow->insn[end].start : flow->units) ==
           moved;
}

// Instructions `from` to `to`, old ones that followed each other.
static void
put_old_lines(const struct pt_emit *emit, struct pt_linetable_writer *writer,
              int32_t from, int32_t to)
{
    const struct pt_flow *flow = emit->flow;
    int32_t first = emit->insn[from].origin, end = first + to - from;
    bool as_long = keeps_length(emit, from, to);

    for (int32_t old = first; old < end;) {
        int32_t next = as_long ? copy_entries(flow, writer, old, end) : old;

        if (next == old) {
            next++;
            while (next < end &&
                   flow->insn[next].entry == flow->insn[old].entry) {
                next++;
            }
            pt_linetable_write_again(writer,
                                     &flow->entry[flow->insn[old].entry],
                                     start_of(emit, from + next - first) -
                                         start_of(emit, from + old - first));
        }
        old = next;
    }
}

static bool
goes_on(const struct pt_emitted *insn)
{
    bool is_old = insn->origin != PT_NONE;

    return is_old ? insn[1].origin == insn->origin + 1
                  : insn[1].origin == PT_NONE && insn[1].line == insn->line;
}

size_t
pt_emit_lines(const struct pt_emit *emit, uint8_t **out)
{
    struct pt_linetable_writer writer = {.line = emit->flow->first_line};
    size_t entries = (size_t)emit->flow->entries + (size_t)emit->insns +
                     (size_t)emit->units / 8 + 1;
    int32_t from = 0;

    *out = pt_arena_array(emit->arena, entries, PT_LINETABLE_ENTRY_BYTES);
    if (*out == NULL) {
        return 0;
    }
    writer.next = *out;
    while (from < emit->insns) {
        const struct pt_emitted *insn = &emit->insn[from];
        int32_t to = from + 1;

        while (to < emit->insns && goes_on(&emit->insn[to - 1])) {
            to++;
        }
        if (insn->origin != PT_NONE) {
            put_old_lines(emit, &writer, from, to);
        }
        else {
            struct pt_spot spot = {insn->line, insn->line, PT_NONE, PT_NONE};

            pt_linetable_write(&writer, &spot,
                               start_of(emit, to) - insn->start);
        }
        from = to;
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
        handler = emit->insn[emit->label[catch.label]].start;
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
    size_t rows = 2 * (size_t)emit->insns + 1;

    *out = pt_arena_array(emit->arena, rows, PT_EXCTABLE_ROW_BYTES);
    if (*out == NULL) {
        return 0;
    }
    row.next = *out;
    for (int32_t i = 0; i < emit->insns; i++) {
        const struct pt_emitted *insn = &emit->insn[i];
        int32_t tail = insn->start + insn->prefixes + 1;

        if (!same_catch(insn->catch, row.catch)) {
            begin_row(emit, &row, insn->catch, insn->start);
        }
        if (!same_catch(insn->tail, row.catch) &&
            tail < insn->start + pt_emitted_units(insn)) {
            begin_row(emit, &row, insn->tail, tail);
        }
    }
    end_row(&row, emit->units);
    return (size_t)(row.next - *out);
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
