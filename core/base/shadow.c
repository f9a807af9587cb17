/* SPDX-License-Identifier: MIT */
/* shadow.c - birth, growth and death of the block table. */
#include "core/base/shadow.h"

#include "core/base/error.h"
#include "core/base/rawmem.h"

#define FRONT_BYTES (PT_SHADOW_FRONTS * sizeof(struct pt_shadow_front))
#define ROOT_BYTES (PT_SHADOW_ROOT_MIDDLES * sizeof(void *))
#define LEAF_BYTES (PT_SHADOW_LEAF_SLOTS * sizeof(pt_shadow_slot))

int
pt_shadow_init(struct pt_shadow *shadow)
{
    shadow->front = pt_rawmem_map(FRONT_BYTES);
    shadow->root = pt_rawmem_map(ROOT_BYTES);
    if (shadow->front == NULL || shadow->root == NULL) {
        pt_rawmem_unmap(shadow->front, FRONT_BYTES);
        pt_rawmem_unmap((void *)shadow->root, ROOT_BYTES);
        *shadow = (struct pt_shadow){0};
        return PT_ERR_NOMEM;
    }
    // The others' zero is the base of no address that comes to them.
    atomic_init(&shadow->front[0].base, PT_SHADOW_NO_BASE);
    return PT_OK;
}

static void
release_middle(struct pt_shadow_middle *middle)
{
    for (uint32_t i = 0; i < PT_SHADOW_MIDDLE_LEAVES; i++) {
        pt_rawmem_unmap((void *)atomic_load(&middle->leaf[i]), LEAF_BYTES);
    }
    pt_rawmem_unmap(middle, sizeof(*middle));
}

void
pt_shadow_release(struct pt_shadow *shadow)
{
    if (shadow->root == NULL) {
        return;
    }
    for (uint32_t i = 0; i < PT_SHADOW_ROOT_MIDDLES; i++) {
        struct pt_shadow_middle *middle = atomic_load(&shadow->root[i]);

        if (middle != NULL) {
            release_middle(middle);
        }
    }
    pt_rawmem_unmap(shadow->front, FRONT_BYTES);
    pt_rawmem_unmap((void *)shadow->root, ROOT_BYTES);
    *shadow = (struct pt_shadow){0};
}

static struct pt_shadow_middle *
make_middle(struct pt_shadow_middle *_Atomic *place)
{
    struct pt_shadow_middle *middle = atomic_load(place), *found = NULL;

    if (middle != NULL) {
        return middle;
    }
    middle = pt_rawmem_map(sizeof(*middle));
    // Another thread may have been faster: then its directory is the one.
    if (middle != NULL &&
        !atomic_compare_exchange_strong(place, &found, middle)) {
        pt_rawmem_unmap(middle, sizeof(*middle));
        middle = found;
    }
    return middle;
}

static pt_shadow_slot *
make_leaf(pt_shadow_slot *_Atomic *place)
{
    pt_shadow_slot *leaf = atomic_load(place), *found = NULL;

    if (leaf != NULL) {
        return leaf;
    }
    leaf = pt_rawmem_map(LEAF_BYTES);
    if (leaf != NULL && !atomic_compare_exchange_strong(place, &found, leaf)) {
        pt_rawmem_unmap((void *)leaf, LEAF_BYTES);
        leaf = found;
    }
    return leaf;
}

static pt_shadow_slot *
slot_of(pt_shadow_slot *leaf, uintptr_t address)
{
    return &leaf[address >> 4 & (PT_SHADOW_LEAF_SLOTS - 1)];
}

pt_shadow_slot *
pt_shadow_find_slow(const struct pt_shadow *shadow, uintptr_t address)
{
    struct pt_shadow_middle *middle;
    pt_shadow_slot *leaf;

    if (pt_shadow_refuses(address)) {
        return NULL;
    }
    middle = atomic_load_explicit(&shadow->root[address >> 34],
                                  memory_order_acquire);
    if (middle == NULL) {
        return NULL;
    }
    leaf = atomic_load_explicit(
        &middle->leaf[address >> 20 & (PT_SHADOW_MIDDLE_LEAVES - 1)],
        memory_order_acquire);
    return leaf != NULL ? slot_of(leaf, address) : NULL;
}

/* Put a leaf in front, if its place is free, but not that of NULL. */
static void
promote(struct pt_shadow *shadow, pt_shadow_slot *leaf, uintptr_t address)
{
    uintptr_t base = address & ~(PT_SHADOW_LEAF_SPAN - 1);
    struct pt_shadow_front *front =
        &shadow->front[base / PT_SHADOW_LEAF_SPAN % PT_SHADOW_FRONTS];
    uintptr_t expected = front == shadow->front ? PT_SHADOW_NO_BASE : 0;

    // No address has the base it gets meanwhile either.
    if (base != 0 && atomic_compare_exchange_strong(&front->base, &expected,
                                                    PT_SHADOW_NO_BASE * 2)) {
        front->bias = (uintptr_t)leaf - base / 4;
        atomic_store_explicit(&front->base, base, memory_order_release);
    }
}

PT_COLD pt_shadow_slot *
pt_shadow_make_slow(struct pt_shadow *shadow, uintptr_t address)
{
    struct pt_shadow_middle *middle;
    pt_shadow_slot *leaf;

    if (pt_shadow_refuses(address)) {
        return NULL;
    }
    middle = make_middle(&shadow->root[address >> 34]);
    if (middle == NULL) {
        return NULL;
    }
    leaf = make_leaf(
        &middle->leaf[address >> 20 & (PT_SHADOW_MIDDLE_LEAVES - 1)]);
    if (leaf == NULL) {
        return NULL;
    }
    promote(shadow, leaf, address);
    return slot_of(leaf, address);
}

/* The part of one leaf. */
static void
trim_leaf(struct pt_shadow *shadow, uintptr_t from, uintptr_t to)
{
    pt_shadow_slot *first = pt_shadow_find(shadow, from);

    if (first != NULL) {
        pt_rawmem_discard((void *)first, (to - from) / 16 * sizeof(*first));
    }
}

void
pt_shadow_trim(struct pt_shadow *shadow, uintptr_t address, size_t bytes)
{
    uintptr_t at = (address + 15) & ~(uintptr_t)15;
    uintptr_t end = (address + bytes) & ~(uintptr_t)15;

    while (at < end) {
        uintptr_t next = (at | (PT_SHADOW_LEAF_SPAN - 1)) + 1;

        trim_leaf(shadow, at, next < end ? next : end);
        at = next;
    }
}

static void
walk_part(const pt_shadow_slot *slot, uint32_t slots, uintptr_t address,
          pt_shadow_func func, void *context)
{
    for (uint32_t i = 0; i < slots; i++) {
        uint32_t id = pt_shadow_get(&slot[i]);

        if (id != 0) {
            func(context, address + (uintptr_t)i * 16, id);
        }
    }
}

/* Pages that were never written need not be brought in to see that. */
static void
walk_resident(const pt_shadow_slot *leaf, uintptr_t address,
              pt_shadow_func func, void *context)
{
    unsigned char in_memory[LEAF_BYTES / 4096];
    const uint32_t parts = (uint32_t)pt_rawmem_look(
        (const void *)leaf, LEAF_BYTES, in_memory, sizeof(in_memory));
    const uint32_t slots = PT_SHADOW_LEAF_SLOTS / parts;

    for (uint32_t i = 0; i < parts; i++) {
        if (in_memory[i]) {
            walk_part(&leaf[i * slots], slots,
                      address + (uintptr_t)i * slots * 16, func, context);
        }
    }
}

/* Entry `i` of a directory, or the first behind it in a page that was ever
 * written: reading the others would bring them in. */
static uint32_t
next_entry(const void *directory, uint32_t i, uint32_t entries)
{
    const uint32_t part = 4096 / sizeof(void *);

    while (i < entries && i % part == 0 &&
           pt_rawmem_resident_bytes(
               (const char *)directory + i * sizeof(void *), 4096) == 0) {
        i += part;
    }
    return i;
}

static void
walk_middle(const struct pt_shadow_middle *middle, uintptr_t address,
            pt_shadow_func func, void *context)
{
    const uint32_t leaves = PT_SHADOW_MIDDLE_LEAVES;

    for (uint32_t i = next_entry(middle, 0, leaves); i < leaves;
         i = next_entry(middle, i + 1, leaves)) {
        const pt_shadow_slot *leaf = atomic_load(&middle->leaf[i]);

        if (leaf != NULL) {
            walk_resident(leaf, address | (uintptr_t)i << 20, func, context);
        }
    }
}

void
pt_shadow_walk(const struct pt_shadow *shadow, pt_shadow_func func,
               void *context)
{
    const uint32_t middles = PT_SHADOW_ROOT_MIDDLES;

    for (uint32_t i = next_entry((const void *)shadow->root, 0, middles);
         i < middles;
         i = next_entry((const void *)shadow->root, i + 1, middles)) {
        const struct pt_shadow_middle *middle = atomic_load(&shadow->root[i]);

        if (middle != NULL) {
            walk_middle(middle, (uintptr_t)i << 34, func, context);
        }
    }
}

static uint64_t
middle_resident_bytes(const struct pt_shadow_middle *middle)
{
    const uint32_t leaves = PT_SHADOW_MIDDLE_LEAVES;
    uint64_t bytes = pt_rawmem_resident_bytes(middle, sizeof(*middle));

    for (uint32_t i = next_entry(middle, 0, leaves); i < leaves;
         i = next_entry(middle, i + 1, leaves)) {
        const pt_shadow_slot *leaf = atomic_load(&middle->leaf[i]);

        if (leaf != NULL) {
            bytes += pt_rawmem_resident_bytes((const void *)leaf, LEAF_BYTES);
        }
    }
    return bytes;
}

uint64_t
pt_shadow_resident_bytes(const struct pt_shadow *shadow)
{
    const uint32_t middles = PT_SHADOW_ROOT_MIDDLES;
    uint64_t bytes =
        pt_rawmem_resident_bytes((const void *)shadow->root, ROOT_BYTES);

    for (uint32_t i = next_entry((const void *)shadow->root, 0, middles);
         i < middles;
         i = next_entry((const void *)shadow->root, i + 1, middles)) {
        const struct pt_shadow_middle *middle = atomic_load(&shadow->root[i]);

        if (middle != NULL) {
            bytes += middle_resident_bytes(middle);
        }
    }
    return bytes;
}
