/* SPDX-License-Identifier: MIT */
/* codecache.c - location tables read on from where they were left. */
#include "memtrace/codecache.h"

#include "core/base/hash.h"

void
pt_codecache_clear(struct pt_codecache *cache)
{
    cache->generation++;
}

static void
rewind_lines(struct pt_codecache_slot *slot)
{
    pt_code_lines_start(&slot->lines, slot->code);
    slot->first_unit = 0;
}

struct pt_codecache_slot *
pt_codecache_of(struct pt_codecache *cache, const PyCodeObject *code)
{
    uint64_t hash = pt_hash_pair((uintptr_t)code, 0) >> 32;
    struct pt_codecache_slot *slot = &cache->slot[hash % PT_CODECACHE_SLOTS];

    if (slot->code != code || slot->generation != cache->generation) {
        slot->code = code;
        slot->generation = cache->generation;
        slot->id = 0;
        rewind_lines(slot);
    }
    return slot;
}

/* The line of code unit `unit`, 0 where it has none. */
static uint32_t
read_line(struct pt_codecache_slot *slot, int unit)
{
    if (unit < 0) {
        return (uint32_t)slot->code->co_firstlineno;
    }
    if (unit < slot->first_unit) {
        rewind_lines(slot);
    }
    while (unit >= slot->first_unit + slot->lines.units) {
        slot->first_unit += slot->lines.units;
        if (!pt_code_lines_next(&slot->lines)) {
            rewind_lines(slot);
            return 0;
        }
    }
    return slot->lines.line > 0 ? (uint32_t)slot->lines.line : 0;
}

uint32_t
pt_codecache_line(struct pt_codecache *cache, const PyCodeObject *code,
                  const pt_code_unit *place)
{
    uint64_t hash = pt_hash_pair((uintptr_t)place, 1) >> 32;
    struct pt_codecache_line *kept = &cache->line[hash % PT_CODECACHE_LINES];

    if (kept->place != place || kept->generation != cache->generation) {
        struct pt_codecache_slot *slot = pt_codecache_of(cache, code);

        kept->place = place;
        kept->generation = cache->generation;
        kept->line = read_line(slot, (int)(place - pt_code_start(code)));
    }
    return kept->line;
}
