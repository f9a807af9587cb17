/* SPDX-License-Identifier: MIT */
/* sites.h - what each code object is to one feed of events.
 *
 * A table by address. Code objects may die: then their site is taken out, so
 * that the next one at that address is asked about anew. All functions need
 * the GIL.
 */
#ifndef PT_LINETRACE_SITES_H
#define PT_LINETRACE_SITES_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/base/hash.h"

struct pt_site {
    PyCodeObject *code;  // borrowed; NULL once it died
    uint32_t wants;      // bits of enum pt_feed_kind
    uint32_t number;     // the client's
    int is_armed;        // its events are switched on
};

/* Open addressing; `slot` has room for a power of two, at most half of them
 * used, sites of dead code included. */
struct pt_sites {
    struct pt_site **slot;
    uint32_t room;
    uint32_t used;
};

/* An empty table, or -1 with an exception. */
PT_MUST_CHECK int pt_sites_init(struct pt_sites *sites);
void pt_sites_release(struct pt_sites *sites);

/* A site for a code object that has none, or NULL without memory (no exception
 * is set). */
struct pt_site *pt_sites_add(struct pt_sites *sites, PyCodeObject *code);

PT_INLINE uint32_t
pt_sites_hash(const PyCodeObject *code)
{
    return (uint32_t)(pt_hash_pair((uintptr_t)code, 0) >> 32);
}

/* The site of a code object, or NULL. */
PT_INLINE struct pt_site *
pt_sites_find(const struct pt_sites *sites, const PyCodeObject *code)
{
    for (uint32_t at = pt_sites_hash(code);; at++) {
        struct pt_site *site = sites->slot[at & (sites->room - 1)];

        if (site == NULL || site->code == code) {
            return site;
        }
    }
}

#endif
