/* SPDX-License-Identifier: MIT */
/* decode.h - take a code object apart. */
#ifndef PT_LINETRACE_DECODE_H
#define PT_LINETRACE_DECODE_H

#include "linetrace/flow.h"

/* The bytes of one code object: its (unspecialised) code, its location table
 * and its exception table. Borrowed. */
struct pt_code_bytes {
    const uint8_t *code, *lines, *ranges;
    size_t code_bytes, lines_bytes, ranges_bytes;
    int32_t first_line;
    bool runs_once;
};

/* Fill `flow` with instructions, places and ranges; no edges yet. Returns an
 * enum pt_flow_result: damage, unknown opcodes, jumps into the middle of an
 * instruction and a missing RESUME are PT_FLOW_STRANGE. Any thread. */
PT_MUST_CHECK int pt_decode(struct pt_flow *flow, struct pt_arena *arena,
                            const struct pt_code_bytes *bytes);

#endif
