/* SPDX-License-Identifier: MIT */
/* decode.c - see decode.h.
 *
 * `at` maps a code unit to the instruction that starts there (its prefixes
 * count as its start), and is PT_NONE inside instructions.
 */
#include "linetrace/decode.h"

#include <string.h>

#include "linetrace/bytecode.h"
#include "linetrace/exctable.h"
#include "linetrace/linetable.h"

static int
read_insn(struct pt_insn *insn, const uint8_t *code, int32_t *unit,
          int32_t units)
{
    uint32_t arg = 0;
    int32_t i = *unit;

    while (code[2 * i] == pt_bytecode.op.extended_arg) {
        arg = (arg | code[2 * i + 1]) << 8;
        i += 1;
        // Five prefixes would overflow the argument; three are the most.
        if (i == units || i - *unit > 3) {
            return PT_FLOW_STRANGE;
        }
    }
    *insn = (struct pt_insn){
        .arg = arg | code[2 * i + 1],
        .start = *unit,
        .target = PT_NONE,
        .lands = PT_NONE,
        .range = PT_NONE,
        .op = code[2 * i],
    };
    *unit = i + pt_bytecode.info[insn->op].units;
    return *unit == i ? PT_FLOW_STRANGE : PT_FLOW_OK;
}

static int
decode_code(struct pt_flow *flow, const uint8_t *code, int32_t *at)
{
    struct pt_insn *insn = flow->insn;
    int32_t units = flow->units, unit = 0, insns = 0, jumps = 0;

    // All bytes set are PT_NONE.
    memset(at, 0xff, (size_t)units * sizeof(*at));
    for (; unit < units; insn++, insns++) {
        at[unit] = insns;
        if (read_insn(insn, code, &unit, units) < 0) {
            return PT_FLOW_STRANGE;
        }
        if (pt_op_has(insn->op, PT_OP_JUMP | PT_OP_LABEL)) {
            // The distance is below 2**24 units or the check below fails.
            int64_t away = insn->arg;
            int64_t to = pt_op_has(insn->op, PT_OP_BACKWARD) ? unit - away
                                                             : unit + away;

            if (to < 0 || to >= units) {
                return PT_FLOW_STRANGE;
            }
            insn->target = (int32_t)to;
            flow->jump[jumps++] = insns;
        }
    }
    flow->insns = insns;
    flow->jumps = jumps;
    return unit == units ? PT_FLOW_OK : PT_FLOW_STRANGE;
}

// Targets were left as code units; an exhausted FOR_ITER lands further on.
static int
resolve_targets(struct pt_flow *flow, const int32_t *at)
{
    for (int32_t i = 0; i < flow->jumps; i++) {
        struct pt_insn *insn = &flow->insn[flow->jump[i]];

        insn->target = at[insn->target];
        if (insn->target == PT_NONE) {
            return PT_FLOW_STRANGE;
        }
        insn->lands = insn->target;
        if (insn->op == pt_bytecode.op.for_iter) {
            insn->lands += pt_bytecode.ways.exhausted_skip;
        }
        if (insn->lands >= flow->insns) {
            return PT_FLOW_STRANGE;
        }
        flow->insn[insn->target].flags |= PT_AIM;
        flow->insn[insn->lands].flags |= PT_AIM;
    }
    return PT_FLOW_OK;
}

static int
decode_ranges(struct pt_flow *flow, struct pt_arena *arena,
              const struct pt_code_bytes *bytes, const int32_t *at)
{
    const uint8_t *next = bytes->ranges, *end = next + bytes->ranges_bytes;
    struct pt_range range;
    int32_t past = 0;
    int more;

    // A row takes at least four bytes.
    flow->range = pt_arena_array(arena, bytes->ranges_bytes / 4 + 1,
                                 sizeof(*flow->range));
    if (flow->range == NULL) {
        return PT_FLOW_NOMEM;
    }
    flow->ranges = 0;
    while ((more = pt_exctable_read(&next, end, &range)) == 1) {
        if (range.from < past || range.to <= range.from ||
            range.to > flow->units || range.handler >= flow->units ||
            at[range.from] == PT_NONE || at[range.handler] == PT_NONE ||
            (range.to < flow->units && at[range.to] == PT_NONE)) {
            return PT_FLOW_STRANGE;
        }
        past = range.to;
        range.handler = at[range.handler];
        flow->insn[range.handler].flags |= PT_AIM;
        for (int32_t i = at[range.from];
             i < flow->insns && flow->insn[i].start < range.to; i++) {
            flow->insn[i].range = flow->ranges;
        }
        flow->range[flow->ranges++] = range;
    }
    return more;
}

static int
decode_lines(struct pt_flow *flow, struct pt_arena *arena,
             const struct pt_code_bytes *bytes)
{
    struct pt_linetable_reader reader = {
        bytes->lines, bytes->lines + bytes->lines_bytes, bytes->first_line};
    struct pt_insn *insn = flow->insn, *end = insn + flow->insns;
    struct pt_entry *entry;
    int32_t unit = 0, entries = 0, low = INT32_MAX, high = 0;
    int units;

    flow->entry =
        pt_arena_array(arena, bytes->lines_bytes + 1, sizeof(*flow->entry));
    if (flow->entry == NULL) {
        return PT_FLOW_NOMEM;
    }
    entry = flow->entry;
    for (; (units = pt_linetable_skip(&reader, entry)) > 0; entry++) {
        entry->from = unit;
        if (entry->line > 0) {
            low = entry->line < low ? entry->line : low;
            high = entry->line > high ? entry->line : high;
        }
        unit += units;
        for (; insn < end && insn->start < unit; insn++) {
            insn->entry = entries;
            insn->line = entry->line;
        }
        entries++;
    }
    entry->at = reader.next;
    entry->before = reader.line;
    flow->entries = entries;
    flow->low_line = low;
    flow->high_line = high;
    return units < 0 || unit != flow->units ? PT_FLOW_STRANGE : PT_FLOW_OK;
}

static int
find_first(struct pt_flow *flow)
{
    for (int32_t i = 0; i < flow->insns; i++) {
        const struct pt_insn *insn = &flow->insn[i];

        if (insn->op == pt_bytecode.op.resume &&
            (insn->arg & pt_bytecode.ways.start_mask) == 0) {
            flow->first = i;
            return PT_FLOW_OK;
        }
    }
    return PT_FLOW_STRANGE;
}

// Nothing goes back to before the body, however it is written.
static int
check_first(const struct pt_flow *flow)
{
    for (int32_t i = 0; i < flow->jumps; i++) {
        if (flow->insn[flow->jump[i]].target <= flow->first) {
            return PT_FLOW_STRANGE;
        }
    }
    for (int32_t i = 0; i < flow->ranges; i++) {
        if (flow->range[i].handler <= flow->first) {
            return PT_FLOW_STRANGE;
        }
    }
    return PT_FLOW_OK;
}

int
pt_decode(struct pt_flow *flow, struct pt_arena *arena,
          const struct pt_code_bytes *bytes)
{
    int32_t *at;
    int status;

    if (bytes->code_bytes == 0 || bytes->code_bytes / 2 > PT_UNITS_MAX) {
        return PT_FLOW_STRANGE;
    }
    flow->units = (int32_t)(bytes->code_bytes / 2);
    flow->code = bytes->code;
    flow->first_line = bytes->first_line;
    flow->runs_once = bytes->runs_once;
    flow->insn =
        pt_arena_array(arena, (size_t)flow->units, sizeof(*flow->insn));
    flow->jump =
        pt_arena_array(arena, (size_t)flow->units, sizeof(*flow->jump));
    at = pt_arena_array(arena, (size_t)flow->units, sizeof(*at));
    if (flow->insn == NULL || flow->jump == NULL || at == NULL) {
        return PT_FLOW_NOMEM;
    }
    status = decode_code(flow, bytes->code, at);
    if (status == PT_FLOW_OK) {
        status = resolve_targets(flow, at);
    }
    if (status == PT_FLOW_OK) {
        status = decode_ranges(flow, arena, bytes, at);
    }
    if (status == PT_FLOW_OK) {
        status = decode_lines(flow, arena, bytes);
    }
    if (status == PT_FLOW_OK) {
        status = find_first(flow);
    }
    return status == PT_FLOW_OK ? check_first(flow) : status;
}
