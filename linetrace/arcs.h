/* SPDX-License-Identifier: MIT */
/* arcs.h - how often one line of a code object followed another.
 *
 * An arc is two line events of one frame in a row; a frame begins with an arc
 * from, and returns with one to, PT_ARC_OUTSIDE. Arcs and their counters lie
 * in the recording; the branches of a code object are filed as soon as it is
 * known, other arcs when they are seen first.
 */
#ifndef PT_LINETRACE_ARCS_H
#define PT_LINETRACE_ARCS_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/py/catalog.h"

struct pt_arc_seen {
    uint32_t from;
    uint64_t *counter;
    struct pt_arc_seen *next;
};

/* Those of one record of a code object, as long as the process lives. */
struct pt_arcs {
    uint32_t code;  // id in the catalog
    uint32_t first_line, lines;
    // Arcs to each line, the latest first; [0] are those out of the frame.
    struct pt_arc_seen *to[];
};

/* The arcs of code object `object`, whose record is number `id`; NULL when
 * there is no memory. Needs the GIL. */
struct pt_arcs *pt_arcs_of(struct pt_catalog *catalog, PyCodeObject *object,
                           uint32_t id);

/* Count one from an arc that was not the latest to `to`. Needs the GIL. */
void pt_arcs_count_slow(struct pt_arcs *arcs, uint32_t from, uint32_t to);

/* Count one. Budget: 12 instructions. Needs the GIL. */
PT_INLINE void
pt_arcs_count(struct pt_arcs *arcs, uint32_t from, uint32_t to)
{
    uint32_t at = to == 0 ? 0 : to - arcs->first_line + 1;
    const struct pt_arc_seen *seen = at <= arcs->lines ? arcs->to[at] : NULL;

    if (pt_likely(seen != NULL && seen->from == from)) {
        (*seen->counter)++;
        return;
    }
    pt_arcs_count_slow(arcs, from, to);
}

#endif
