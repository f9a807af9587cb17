/* SPDX-License-Identifier: MIT */
/* madecode.h - code objects of all shapes, made at random.
 *
 * A program may build code objects that no compiler would. So these have
 * instructions, jumps, lines and exception ranges at random.
 */
#ifndef PT_TESTS_UNIT_MADECODE_H
#define PT_TESTS_UNIT_MADECODE_H

#include "tests/unit/support.h"

#include "linetrace/bytecode.h"
#include "linetrace/decode.h"
#include "linetrace/exctable.h"
#include "linetrace/linetable.h"

#define INSNS_MAX 60
#define UNITS_MAX 1200
#define FIRST_LINE 5

/* A code object made at random. */
struct made {
    uint8_t code[2 * UNITS_MAX];
    uint8_t lines[INSNS_MAX * 8 * PT_LINETABLE_ENTRY_BYTES];
    uint8_t ranges[INSNS_MAX * PT_EXCTABLE_ROW_BYTES];
    int32_t start[INSNS_MAX + 1];
    uint8_t op[INSNS_MAX];
    int32_t insns;
    struct pt_code_bytes bytes;
};

static inline int32_t
below(int32_t limit)
{
    return (int32_t)(random() % limit);
}

static inline uint8_t
random_op(void)
{
    for (;;) {
        uint8_t op = (uint8_t)random();

        if (below(10) == 0) {
            return below(2) ? pt_bytecode.op.load_const
                            : pt_bytecode.op.load_fast;
        }
        // Half of them can raise, jump or leave: those are the hard ones.
        if (pt_bytecode.info[op].units != 0 &&
            op != pt_bytecode.op.extended_arg &&
            (below(4) == 0 || !pt_op_has(op, PT_OP_QUIET))) {
            return op;
        }
    }
}

static inline void
make_ops(struct made *made)
{
    int32_t unit = 0;

    made->insns = 2 + below(INSNS_MAX - 2);
    for (int32_t i = 0; i < made->insns; i++) {
        made->op[i] = i == 0 ? pt_bytecode.op.resume : random_op();
        made->start[i] = unit;
        unit += pt_bytecode.info[made->op[i]].units;
    }
    made->start[made->insns] = unit;
}

/* A distance to an instruction in the right direction; any if there is none.
 */
static inline uint8_t
random_arg(const struct made *made, int32_t i)
{
    bool back = pt_op_has(made->op[i], PT_OP_BACKWARD);
    int32_t to;

    if (!pt_op_has(made->op[i], PT_OP_JUMP | PT_OP_LABEL)) {
        return (uint8_t)below(i == 0 ? 1 : 4);
    }
    to = back ? below(i + 1) : i + 1 + below(made->insns - i);
    if (to == made->insns) {
        to--;
    }
    return (uint8_t)(back ? made->start[i + 1] - made->start[to]
                          : made->start[to] - made->start[i + 1]);
}

static inline void
make_code(struct made *made)
{
    memset(made->code, 0, sizeof(made->code));
    for (int32_t i = 0; i < made->insns; i++) {
        made->code[2 * made->start[i]] = made->op[i];
        made->code[2 * made->start[i] + 1] = random_arg(made, i);
    }
    made->bytes.code = made->code;
    made->bytes.code_bytes = 2 * (size_t)made->start[made->insns];
}

static inline void
make_lines(struct made *made)
{
    struct pt_linetable_writer writer = {made->lines, FIRST_LINE};

    for (int32_t i = 0; i < made->insns;) {
        int32_t end = i + 1 + below(made->insns - i);
        int32_t line = FIRST_LINE + below(6);
        struct pt_spot spot = {line, line, below(9), 9};

        if (below(9) == 0) {
            spot = (struct pt_spot){PT_NONE, PT_NONE, PT_NONE, PT_NONE};
        }
        pt_linetable_write(&writer, &spot, made->start[end] - made->start[i]);
        i = end;
    }
    made->bytes.lines = made->lines;
    made->bytes.lines_bytes = (size_t)(writer.next - made->lines);
}

static inline void
make_ranges(struct made *made)
{
    uint8_t *next = made->ranges;

    for (int32_t i = 0; i < made->insns;) {
        int32_t end = i + 1 + below(made->insns - i);
        struct pt_range row = {made->start[i], made->start[end],
                               made->start[below(made->insns)],
                               (uint32_t)below(6)};

        if (below(2)) {
            next = pt_exctable_write(next, &row);
        }
        i = end;
    }
    made->bytes.ranges = made->ranges;
    made->bytes.ranges_bytes = (size_t)(next - made->ranges);
}

static inline void
make(struct made *made)
{
    do {
        make_ops(made);
    } while (made->start[made->insns] > 255);
    made->bytes.first_line = FIRST_LINE;
    made->bytes.runs_once = below(4) == 0;
    make_code(made);
    make_lines(made);
    make_ranges(made);
}

#endif
