/* SPDX-License-Identifier: MIT */
/* account.c - finding and adding entries and names. */
#include "cli/report/figures/account.h"

#include <string.h>

#include "cli/report/text/room.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

static int
append_entry(struct pt_ledger *ledger, const struct pt_entry *key)
{
    void *array = ledger->entry;
    int code = pt_room_reserve(&array, ledger->entries, &ledger->entry_room,
                               sizeof(*ledger->entry));

    ledger->entry = array;
    if (code == PT_OK) {
        ledger->entry[ledger->entries++] = *key;
    }
    return code;
}

static int
append_name(struct pt_ledger *ledger, const char *text, size_t bytes)
{
    void *array = ledger->name;
    int code = pt_room_reserve(&array, ledger->names, &ledger->name_room,
                               sizeof(*ledger->name));

    ledger->name = array;
    if (code == PT_OK) {
        ledger->name[ledger->names++] = (struct pt_name){text, bytes};
    }
    return code;
}

static int
is_same(const struct pt_entry *a, const struct pt_entry *b)
{
    return a->next == b->next && a->file == b->file && a->line == b->line &&
           a->name == b->name;
}

int
pt_account_entry(struct pt_ledger *ledger, const struct pt_entry *key,
                 uint32_t *id)
{
    uint64_t hash = pt_hash_pair(pt_hash_pair(key->next, key->file),
                                 pt_hash_pair(key->line, key->name));
    struct pt_idmap_walk walk;
    int code;

    for (*id = pt_idmap_first(&ledger->entry_map, hash, &walk); *id != 0;
         *id = pt_idmap_next(&walk)) {
        if (is_same(&ledger->entry[*id], key)) {
            return PT_OK;
        }
    }
    code = append_entry(ledger, key);
    if (code == PT_OK) {
        *id = ledger->entries - 1;
        code = pt_idmap_insert(&ledger->entry_map, hash, *id);
    }
    return code;
}

int
pt_account_name(struct pt_ledger *ledger, const char *text, size_t bytes,
                uint32_t *id)
{
    uint64_t hash = pt_hash_pair(pt_hash_bytes(text, bytes), bytes);
    struct pt_idmap_walk walk;
    int code;

    for (*id = pt_idmap_first(&ledger->name_map, hash, &walk); *id != 0;
         *id = pt_idmap_next(&walk)) {
        if (ledger->name[*id].bytes == bytes &&
            memcmp(ledger->name[*id].text, text, bytes) == 0) {
            return PT_OK;
        }
    }
    code = append_name(ledger, text, bytes);
    if (code == PT_OK) {
        *id = ledger->names - 1;
        code = pt_idmap_insert(&ledger->name_map, hash, *id);
    }
    return code;
}

int
pt_account_init(struct pt_ledger *ledger, const struct pt_aggregate *aggregate)
{
    static const struct pt_entry none;
    int code;

    *ledger = (struct pt_ledger){.aggregate = aggregate};
    code = pt_idmap_init(&ledger->entry_map);
    if (code != PT_OK) {
        return code;
    }
    code = pt_idmap_init(&ledger->name_map);
    if (code == PT_OK) {
        code = append_entry(ledger, &none);
    }
    if (code == PT_OK) {
        code = append_name(ledger, "", 0);
    }
    if (code != PT_OK) {
        pt_account_release(ledger);
    }
    return code;
}

void
pt_account_release(struct pt_ledger *ledger)
{
    pt_idmap_release(&ledger->entry_map);
    pt_idmap_release(&ledger->name_map);
    pt_rawmem_free(ledger->entry);
    pt_rawmem_free(ledger->name);
    *ledger = (struct pt_ledger){0};
}
