/* SPDX-License-Identifier: MIT */
/* tally.c - the cold half of counting: new keys, and more room. */
#include "core/base/tally.h"

#include <stddef.h>

#include "core/base/error.h"
#include "core/base/rawmem.h"

#define ROOM_AT_FIRST PT_SIZE(1024, 2)
#define ROOM_MAX (UINT32_C(1) << 30)

int
pt_tally_init(struct pt_tally *tally)
{
    *tally = (struct pt_tally){.used = 1, .room = ROOM_AT_FIRST};
    tally->entry = pt_rawmem_array(ROOM_AT_FIRST, sizeof(*tally->entry));
    tally->slot = pt_rawmem_array(ROOM_AT_FIRST * 2, sizeof(*tally->slot));
    if (tally->entry == NULL || tally->slot == NULL) {
        pt_tally_release(tally);
        return PT_ERR_NOMEM;
    }
    return PT_OK;
}

void
pt_tally_release(struct pt_tally *tally)
{
    pt_rawmem_free(tally->entry);
    pt_rawmem_free(tally->slot);
    *tally = (struct pt_tally){0};
}

static void
file_entry(uint32_t *slot, uint32_t mask, uint64_t key, uint32_t number)
{
    uint32_t at = (uint32_t)(pt_hash_pair(key, 0) >> 32);

    while (slot[at & mask] != 0) {
        at++;
    }
    slot[at & mask] = number;
}

/* Twice the room; when that fails the tally is as it was. */
static int
grow(struct pt_tally *tally)
{
    uint32_t room = tally->room * 2;
    struct pt_tally_entry *entry;
    uint32_t *slot;

    if (tally->room >= ROOM_MAX) {
        return PT_ERR_NOMEM;
    }
    entry = pt_rawmem_resize(tally->entry, room, sizeof(*entry));
    if (entry == NULL) {
        return PT_ERR_NOMEM;
    }
    tally->entry = entry;
    slot = pt_rawmem_array((size_t)room * 2, sizeof(*slot));
    if (slot == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 1; i < tally->used; i++) {
        file_entry(slot, room * 2 - 1, entry[i].key, i);
    }
    pt_rawmem_free(tally->slot);
    tally->slot = slot;
    tally->room = room;
    return PT_OK;
}

PT_COLD void
pt_tally_add_slow(struct pt_tally *tally, uint64_t key, uint64_t count)
{
    if (tally->used == tally->room && grow(tally) != PT_OK) {
        tally->dropped++;
        return;
    }
    tally->entry[tally->used] = (struct pt_tally_entry){key, count};
    file_entry(tally->slot, tally->room * 2 - 1, key, tally->used);
    tally->used++;
}
