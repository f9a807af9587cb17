/* SPDX-License-Identifier: MIT */
/* hits.h - from a code object to the counters of its lines.
 *
 * A `struct pt_hits` hangs on the code object (PEP 523 code extra) and dies
 * with it; the counters live in the recording and stay. Counters are written
 * with the GIL held.
 */
#ifndef PT_LINETRACE_HITS_H
#define PT_LINETRACE_HITS_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/py/catalog.h"

struct pt_hits {
    uint64_t *counter;  // of first_line and on; NULL when ignored
    uint32_t first_line;
    uint32_t lines;  // 0 when ignored
    uint32_t code;   // id in the catalog
    uint32_t units;
    int adopted;            // the engine has switched its events on
    int32_t *line_of_unit;  // made when first asked for
    // Of followed code (follow.h):
    struct pt_arcs *arcs;  // borrowed, or NULL
    uint32_t timer;        // counter of the time of first_line, 0: none
};

/* The code object asked for last and its hits: one load for code in a loop. */
extern struct pt_hits_latest {
    PyCodeObject *code;
    struct pt_hits *hits;
} pt_hits_latest;

/* Begin to hand out hits over `catalog`. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_hits_start(struct pt_catalog *catalog);

/* Hits of `code`, made at the first call. Never NULL. Needs the GIL. */
struct pt_hits *pt_hits_of_slow(PyCodeObject *code);

PT_INLINE struct pt_hits *
pt_hits_of(PyCodeObject *code)
{
    if (pt_likely(code == pt_hits_latest.code)) {
        return pt_hits_latest.hits;
    }
    return pt_hits_of_slow(code);
}

/* The same for code that is about to be rewritten, whose inner code objects
 * will be filed then. Needs the GIL. */
struct pt_hits *pt_hits_of_outer(PyCodeObject *code);

/* Are the lines of a source file, by its id, counted? Needs the GIL. */
int pt_hits_is_traced(uint32_t source);

/* Hand out "ignored" for this code object from now on. Needs the GIL. */
void pt_hits_ignore(PyCodeObject *code);

/* Note that the lines of this code object cannot be counted. Needs the GIL. */
void pt_hits_miss(PyCodeObject *code);

/* Note an event of a line outside the code's range. */
void pt_hits_drop_slow(void);

/* Count one event of a line. Budget: 6 instructions. Needs the GIL. */
PT_INLINE void
pt_hits_add(struct pt_hits *hits, uint32_t line)
{
    uint32_t at = line - hits->first_line;

    if (pt_unlikely(at >= hits->lines)) {
        pt_hits_drop_slow();
        return;
    }
    hits->counter[at]++;
}

/* The line of a code unit of `code`, whose hits these are, or -1. Needs the
 * GIL. */
int pt_hits_line_of_unit(struct pt_hits *hits, PyCodeObject *code,
                         uint32_t unit);

#endif
