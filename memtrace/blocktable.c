/* SPDX-License-Identifier: MIT */
/* blocktable.c - the levels, and the pages in front of them. */
#include "memtrace/blocktable.h"

#include "core/base/error.h"
#include "core/base/rawmem.h"

#define FRONT_BYTES (PT_BLOCKTABLE_FRONTS * sizeof(struct pt_blocktable_front))
#define SMALL_LEVELS 6
#define SMALL_MASK ((UINT32_C(1) << SMALL_LEVELS) - 1)
#define USED_SHIFT 16

/* Where in its window a block begins takes bits that ids lack then. */
struct level {
    unsigned window_shift;
    unsigned place_shift;
    uint32_t ids;  // are lower
};

#define LEVEL(window_shift)             \
  {                                     \
    window_shift, 19, PT_BLOCKTABLE_IDS \
  }
#define WIDE_LEVEL(window_shift)                                        \
  {                                                                     \
    window_shift, 32 - window_shift, UINT32_C(1) << (36 - window_shift) \
  }

static const struct level levels[PT_BLOCKTABLE_LEVELS] = {
    LEVEL(4),       LEVEL(5),       LEVEL(6),       LEVEL(7),  LEVEL(8),
    LEVEL(9),       LEVEL(10),      LEVEL(11),      LEVEL(12), LEVEL(13),
    WIDE_LEVEL(14), WIDE_LEVEL(15), WIDE_LEVEL(16),
};

int
pt_blocktable_init(struct pt_blocktable *table)
{
    int code;

    *table = (struct pt_blocktable){.front = pt_rawmem_map(FRONT_BYTES)};
    code = table->front != NULL ? pt_shadow_init(&table->used) : PT_ERR_NOMEM;
    for (int i = 0; i < PT_BLOCKTABLE_LEVELS && code == PT_OK; i++) {
        code = pt_shadow_init(&table->level[i]);
    }
    if (code != PT_OK) {
        pt_blocktable_release(table);
        return code;
    }
    // The others' zero is the page of no address that comes to them.
    atomic_init(&table->front[0].page, PT_BLOCKTABLE_NO_PAGE);
    return PT_OK;
}

void
pt_blocktable_release(struct pt_blocktable *table)
{
    pt_rawmem_unmap(table->front, FRONT_BYTES);
    pt_shadow_release(&table->used);
    for (int i = 0; i < PT_BLOCKTABLE_LEVELS; i++) {
        pt_shadow_release(&table->level[i]);
    }
    table->front = NULL;
}

/* What stands for the window of an address in a table that has a slot for
 * every 16 bytes. */
static uintptr_t
window_of(uintptr_t address, unsigned shift)
{
    return address >> shift << 4;
}

static int
level_of(size_t bytes)
{
    unsigned shift = pt_blocktable_shift(bytes);
    int level = PT_BLOCKTABLE_LEVELS - 1;

    while (levels[level].window_shift > shift) {
        level--;
    }
    return level;
}

static pt_shadow_slot *
find_slot(const struct pt_blocktable *table, uintptr_t block, int level)
{
    return pt_shadow_find(&table->level[level],
                          window_of(block, levels[level].window_shift));
}

/* The slot of a block, made, and its level noted; or NULL. */
static pt_shadow_slot *
make_slot(struct pt_blocktable *table, uintptr_t block, int level)
{
    pt_shadow_slot *used =
        pt_shadow_make(&table->used, window_of(block, USED_SHIFT));

    if (used == NULL) {
        return NULL;
    }
    if ((pt_shadow_get(used) & 1u << level) == 0) {
        atomic_fetch_or_explicit(used, 1u << level, memory_order_relaxed);
    }
    return pt_shadow_make(&table->level[level],
                          window_of(block, levels[level].window_shift));
}

static uint32_t
used_levels(const struct pt_blocktable *table, uintptr_t address)
{
    const pt_shadow_slot *used =
        pt_shadow_find(&table->used, window_of(address, USED_SHIFT));

    return used != NULL ? pt_shadow_get(used) : 0;
}

static uint32_t
place_of(uintptr_t block, int level)
{
    return (uint32_t)block << levels[level].place_shift;
}

struct found {
    pt_shadow_slot *slot;
    int level;
    uint32_t id;  // 0: not found
};

static struct found
find_at(const struct pt_blocktable *table, uintptr_t block, int level)
{
    pt_shadow_slot *slot = find_slot(table, block, level);
    uint32_t content = slot != NULL ? pt_shadow_get(slot) : 0;
    uint32_t id = content ^ place_of(block, level);

    return (struct found){slot, level,
                          content != 0 && id < levels[level].ids ? id : 0};
}

static struct found
find_first(const struct pt_blocktable *table, uintptr_t block)
{
    pt_shadow_slot *slot = pt_blocktable_slot(table, block, PT_BLOCKTABLE_ANY);
    uint32_t id = slot != NULL ? pt_blocktable_id(block, pt_shadow_get(slot))
                               : 0;

    return (struct found){slot, 0, id < PT_BLOCKTABLE_IDS ? id : 0};
}

static struct found
find(const struct pt_blocktable *table, uintptr_t block)
{
    struct found found = {NULL, 0, 0};
    uint32_t left;

    if (pt_shadow_refuses(block)) {
        return found;
    }
    left = used_levels(table, block);
    // Where there are but large blocks, pages need not be brought in.
    if (left & SMALL_MASK) {
        found = find_first(table, block);
    }
    for (; left != 0 && found.id == 0; left &= left - 1) {
        found = find_at(table, block, pt_lowest_bit(left));
    }
    return found;
}

/* Does another page stand in front where that of `block` would, or is it there
 * with windows of this size? */
static int
is_settled(const struct pt_blocktable_front *front, uintptr_t page,
           unsigned shift)
{
    uintptr_t now = atomic_load_explicit(&front->page, memory_order_relaxed);
    uintptr_t slots =
        atomic_load_explicit(&front->slots, memory_order_relaxed);

    if ((now & ~PT_BLOCKTABLE_NO_PAGE) == 0) {
        return page == 0;
    }
    return now != page || (slots & PT_BLOCKTABLE_SHIFT) == shift;
}

void
pt_blocktable_prefer(struct pt_blocktable *table, uintptr_t block,
                     size_t bytes)
{
    struct pt_blocktable_front *front = pt_blocktable_front(table, block);
    uintptr_t page = block & ~(PT_BLOCKTABLE_PAGE - 1);
    unsigned shift = pt_blocktable_shift(bytes);
    const pt_shadow_slot *slot;

    if (bytes > PT_BLOCKTABLE_SMALL_BYTES || is_settled(front, page, shift)) {
        return;
    }
    slot = make_slot(table, block, level_of(bytes));
    if (slot != NULL) {
        atomic_store_explicit(
            &front->slots,
            ((uintptr_t)slot - (block >> shift) * sizeof(*slot)) | shift,
            memory_order_relaxed);
        atomic_store_explicit(&front->page, page, memory_order_release);
    }
}

/* File a block if no other is in the way. */
static int
put_at(pt_shadow_slot *slot, uintptr_t block, int level, uint32_t id)
{
    uint32_t none = 0;

    return atomic_compare_exchange_strong(slot, &none,
                                          place_of(block, level) + id);
}

static int
put_first(struct pt_blocktable *table, uintptr_t block, uint8_t shift,
          uint32_t id)
{
    pt_shadow_slot *slot = pt_blocktable_slot(table, block, shift);

    return slot != NULL && put_at(slot, block, 0, id);
}

void
pt_blocktable_mark(struct pt_blocktable *table, uintptr_t block, uint32_t id)
{
    (void)pt_blocktable_take(table, block);
    if (pt_blocktable_slot(table, block, PT_BLOCKTABLE_ANY) == NULL) {
        pt_blocktable_prefer(table, block, 1);
    }
    (void)put_first(table, block, PT_BLOCKTABLE_ANY, id);
}

int
pt_blocktable_put(struct pt_blocktable *table, uintptr_t block, size_t bytes,
                  uint32_t id, uint32_t *old)
{
    *old = 0;
    if (bytes <= PT_BLOCKTABLE_SMALL_BYTES &&
        put_first(table, block, pt_blocktable_shift(bytes), id)) {
        return PT_OK;
    }
    *old = pt_blocktable_take(table, block);
    // Extensions may report what is no block of an allocator, and there two
    // may begin in one window, but not in one of the lowest level.
    for (int level = level_of(bytes); level >= 0; level--) {
        pt_shadow_slot *slot =
            id < levels[level].ids ? make_slot(table, block, level) : NULL;

        if (slot != NULL && put_at(slot, block, level, id)) {
            return PT_OK;
        }
    }
    return PT_ERR_NOMEM;
}

uint32_t
pt_blocktable_take(struct pt_blocktable *table, uintptr_t block)
{
    struct found found = find(table, block);

    if (found.id != 0) {
        pt_shadow_set(found.slot, 0);
    }
    return found.id;
}

uint32_t
pt_blocktable_get(const struct pt_blocktable *table, uintptr_t block)
{
    return find(table, block).id;
}

void
pt_blocktable_change(struct pt_blocktable *table, uintptr_t block, uint32_t id)
{
    struct found found = find(table, block);

    if (found.id != 0) {
        pt_shadow_set(found.slot, place_of(block, found.level) + id);
    }
}

void
pt_blocktable_trim(struct pt_blocktable *table, uintptr_t address,
                   size_t bytes)
{
    uint32_t used = 0;

    for (uintptr_t at = address; at < address + bytes;
         at += (uintptr_t)1 << USED_SHIFT) {
        used |= used_levels(table, at);
    }
    for (int level = 0; level < SMALL_LEVELS; level++) {
        unsigned shift = levels[level].window_shift;

        if (used & 1u << level) {
            pt_shadow_trim(&table->level[level], window_of(address, shift),
                           bytes >> shift << 4);
        }
    }
}

uint64_t
pt_blocktable_resident_bytes(const struct pt_blocktable *table)
{
    uint64_t bytes = pt_rawmem_resident_bytes(table->front, FRONT_BYTES) +
                     pt_shadow_resident_bytes(&table->used);

    for (int i = 0; i < PT_BLOCKTABLE_LEVELS; i++) {
        bytes += pt_shadow_resident_bytes(&table->level[i]);
    }
    return bytes;
}
