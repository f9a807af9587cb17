/* SPDX-License-Identifier: MIT */
/* standin.h - probes that stand in for a constant.
 *
 * A probe is loaded, run and dropped. Where the compiler loads an int anyway,
 * a probe `p` with `~p` equal to that int can be loaded and run in its place:
 *
 *     probe                         LOAD_FAST   i
 *     LOAD_FAST   i                 LOAD_CONST  p
 *     LOAD_CONST  1                 UNARY_INVERT
 *
 * It counts somewhat later, so nothing that can raise may lie between, and
 * nothing may arrive there from elsewhere. Only ints: pickled by value, such a
 * probe becomes an int of which `~` is the constant (probe.h).
 */
#ifndef PT_LINETRACE_STANDIN_H
#define PT_LINETRACE_STANDIN_H

#include <stdbool.h>
#include <stdint.h>

#include "linetrace/flow.h"
#include "linetrace/layout.h"

// A LOAD_CONST of others has a prefix.
#define PT_CONSTS_NEAR 256

/* What a code object's instructions do not tell. */
struct pt_standin_facts {
    int32_t args;  // locals that have a value when the body begins
    uint64_t ints[PT_CONSTS_NEAR / 64];  // a bit for each int, of no subclass
    bool has_ints;
};

/* Is constant `i`, below PT_CONSTS_NEAR, an int? Any thread. */
static inline bool
pt_standin_is_int(const struct pt_standin_facts *facts, uint32_t i)
{
    return facts->ints[i / 64] >> i % 64 & 1;
}

/* Note that it is. Owner thread only. */
static inline void
pt_standin_note_int(struct pt_standin_facts *facts, uint32_t i)
{
    facts->ints[i / 64] |= UINT64_C(1) << i % 64;
    facts->has_ints = true;
}

/* Move the probes of a finished layout that can stand in for a constant there.
 * Owner thread only. */
void pt_standins_find(struct pt_layout *layout, const struct pt_flow *flow,
                      const struct pt_standin_facts *facts);

#endif
