/* SPDX-License-Identifier: MIT */
/* idmap.c - birth, growth and death of an idmap. */
#include "core/base/idmap.h"

#include "core/base/error.h"
#include "core/base/rawmem.h"

#define FIRST_SLOTS PT_SIZE(4096u, 2u)

static size_t
table_bytes(uint32_t slots)
{
    return sizeof(struct pt_idmap_table) + (size_t)slots * sizeof(uint64_t);
}

static struct pt_idmap_table *
table_new(uint32_t slots, struct pt_idmap_table *outgrown)
{
    struct pt_idmap_table *table = pt_rawmem_map(table_bytes(slots));

    if (table != NULL) {
        table->mask = slots - 1;
        table->outgrown = outgrown;
    }
    return table;
}

static void
put(struct pt_idmap_table *table, uint64_t slot)
{
    uint32_t at = (uint32_t)(slot >> 32);

    while (atomic_load_explicit(&table->slot[at & table->mask],
                                memory_order_relaxed) != 0) {
        at++;
    }
    atomic_store_explicit(&table->slot[at & table->mask], slot,
                          memory_order_release);
}

int
pt_idmap_init(struct pt_idmap *map)
{
    struct pt_idmap_table *table = table_new(FIRST_SLOTS, NULL);

    map->used = 0;
    atomic_init(&map->table, table);
    return table != NULL ? PT_OK : PT_ERR_NOMEM;
}

void
pt_idmap_release(struct pt_idmap *map)
{
    struct pt_idmap_table *table = atomic_load(&map->table);

    while (table != NULL) {
        struct pt_idmap_table *outgrown = table->outgrown;

        pt_rawmem_unmap(table, table_bytes(table->mask + 1));
        table = outgrown;
    }
    atomic_store(&map->table, NULL);
    map->used = 0;
}

static int
grow(struct pt_idmap *map, struct pt_idmap_table *table)
{
    struct pt_idmap_table *larger;

    if (table->mask >= UINT32_MAX / 2) {
        return PT_ERR_NOMEM;
    }
    larger = table_new((table->mask + 1) * 2, table);
    if (larger == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i <= table->mask; i++) {
        uint64_t slot =
            atomic_load_explicit(&table->slot[i], memory_order_relaxed);

        if (slot != 0) {
            put(larger, slot);
        }
    }
    atomic_store_explicit(&map->table, larger, memory_order_release);
    return PT_OK;
}

int
pt_idmap_insert(struct pt_idmap *map, uint64_t hash, uint32_t id)
{
    struct pt_idmap_table *table = atomic_load(&map->table);

    // Half full at the most, so that a walk always meets an empty slot soon.
    if (map->used >= (table->mask + 1) / 2) {
        int code = grow(map, table);

        if (code != PT_OK) {
            return code;
        }
        table = atomic_load(&map->table);
    }
    put(table, (hash >> 32) << 32 | id);
    map->used++;
    return PT_OK;
}
