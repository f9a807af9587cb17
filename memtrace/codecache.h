/* SPDX-License-Identifier: MIT */
/* codecache.h - code objects by address: their record, and where a line is.
 *
 * A mere cache. The catalog finds a code object by its texts, and CPython a
 * line by reading the location table from its start; for the places of a long
 * module body, each met once and in order, both together took longer than
 * running it. A slot keeps the record's id, and goes on in the table from the
 * line that it gave last; lines of places met under many callers are kept too.
 *
 * Only for code whose death is told: whoever is told must clear the cache. All
 * functions hook-safe, with the GIL.
 */
#ifndef PT_MEMTRACE_CODECACHE_H
#define PT_MEMTRACE_CODECACHE_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/py/codeinfo.h"
#include "core/py/frame.h"

#define PT_CODECACHE_SLOTS PT_SIZE(512u, 2u)
#define PT_CODECACHE_LINES PT_SIZE(4096u, 4u)

struct pt_codecache_slot {
    const PyCodeObject *code;
    uint64_t generation;
    struct pt_code_lines lines;
    int first_unit;  // of the entry at which `lines` stands
    uint32_t id;     // in the catalog; 0: not looked up yet
};

struct pt_codecache_line {
    const pt_code_unit *place;
    uint64_t generation;
    uint32_t line;
};

struct pt_codecache {
    uint64_t generation;
    struct pt_codecache_line line[PT_CODECACHE_LINES];
    struct pt_codecache_slot slot[PT_CODECACHE_SLOTS];
};

/* Forget everything. */
void pt_codecache_clear(struct pt_codecache *cache);

/* The slot of `code`, a fresh one if it has none. */
struct pt_codecache_slot *pt_codecache_of(struct pt_codecache *cache,
                                          const PyCodeObject *code);

/* The line of an instruction of `code`, as pt_frame_line() gives it. */
uint32_t pt_codecache_line(struct pt_codecache *cache,
                           const PyCodeObject *code,
                           const pt_code_unit *place);

#endif
