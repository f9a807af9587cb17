/* SPDX-License-Identifier: MIT */
/* tracker.c - the path of every malloc() and free().
 *
 * Budget: 40 ns for a malloc and its free at a known site, without Python.
 */
#include "native/tracker.h"

#include <errno.h>

#include "core/base/hash.h"
#include "native/inner.h"
#include "native/modules.h"
#include "native/unwind.h"

#define SHARDS 8u

struct pt_tracker pt_tracker;

/* This thread is in here: what it allocates now is loose. */
static PT_THREAD_LOCAL int is_inside;

int
pt_tracker_start(struct pt_door *door, int64_t loose_bytes)
{
    struct pt_tracker *tracker = &pt_tracker;
    uint32_t first;

    tracker->door = door;
    tracker->pairs = &door->timeline->array[PT_SEGMENT_NATIVE];
    if (pt_nativeblocks_init(&tracker->blocks) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    if (pt_idmap_init(&tracker->ids) != PT_OK) {
        pt_nativeblocks_release(&tracker->blocks);
        return PT_ERR_NOMEM;
    }
    pthread_mutex_init(&tracker->lock, NULL);
    // Pair 1 is never counted in: its number means PT_NATIVE_OWN.
    first = pt_timeline_append(door->timeline, PT_SEGMENT_NATIVE, 1);
    if (first != PT_NATIVE_OWN) {
        pt_idmap_release(&tracker->ids);
        pt_nativeblocks_release(&tracker->blocks);
        return PT_ERR_NOMEM;
    }
    atomic_store(&tracker->loose_bytes, loose_bytes);
    atomic_store_explicit(&tracker->on, 1, memory_order_release);
    return PT_OK;
}

/* Which of the pairs with one key this thread counts in. Threads that allocate
 * the same at the same place would else wait for each other's counts. */
PT_INLINE uint32_t
own_shard(void)
{
    static atomic_uint threads;
    static PT_THREAD_LOCAL uint32_t own;

    if (pt_unlikely(own == 0)) {
        own =
            1 + atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed) %
                    SHARDS;
    }
    return own;
}

PT_INLINE uint64_t
hash_of(const struct pt_native_pair *key)
{
    return pt_hash_pair(key->site ^ (uint64_t)key->node << 40 ^
                            (uint64_t)key->kind << 62 ^
                            (uint64_t)key->shard << 58,
                        key->size_bytes ^ (uint64_t)key->align_shift << 56 ^
                            (uint64_t)key->stack << 28);
}

PT_INLINE uint32_t
find(const struct pt_native_pair *key)
{
    struct pt_idmap_walk walk;
    uint32_t id = pt_idmap_first(&pt_tracker.ids, hash_of(key), &walk);

    for (; id != 0; id = pt_idmap_next(&walk)) {
        const struct pt_native_pair *pair = pt_tracker_pair(id);

        if (pt_likely(pair->size_bytes == key->size_bytes &&
                      pair->site == key->site && pair->node == key->node &&
                      pair->kind == key->kind && pair->shard == key->shard &&
                      pair->align_shift == key->align_shift &&
                      pair->stack == key->stack)) {
            break;
        }
    }
    return id;
}

static uint32_t
add_locked(const struct pt_native_pair *key)
{
    uint32_t id =
        pt_timeline_append(pt_tracker.door->timeline, PT_SEGMENT_NATIVE, 1);

    if (id == 0 || id >= PT_NATIVEBLOCKS_IDS) {
        return 0;
    }
    *pt_tracker_pair(id) = *key;
    return pt_idmap_insert(&pt_tracker.ids, hash_of(key), id) == PT_OK ? id
                                                                       : 0;
}

static size_t
usable_of(const struct pt_native_pair *key)
{
    size_t bytes = key->size_bytes;

    return key->kind == PT_NATIVE_MAP
               ? bytes
               : nallocx(bytes < PT_INNER_SIZE_MIN ? PT_INNER_SIZE_MIN : bytes,
                         PT_INNER_ALIGN(key->align_shift));
}

PT_COLD static uint32_t
make_slow(struct pt_native_pair *key)
{
    int saved_errno = errno;
    uint32_t id;

    key->usable_bytes = usable_of(key);
    key->module = pt_modules_find(pt_tracker.door->timeline, key->site);
    pthread_mutex_lock(&pt_tracker.lock);
    id = find(key);
    if (id == 0) {
        id = add_locked(key);
    }
    pthread_mutex_unlock(&pt_tracker.lock);
    errno = saved_errno;
    return id;
}

PT_COLD static void
count_loose(_Atomic int64_t *sum, int64_t bytes)
{
    atomic_fetch_add_explicit(sum, bytes, memory_order_relaxed);
}

/* Events of Python's memory come from Python's allocators. */
PT_COLD void
pt_tracker_tell_slow(pt_native_id id, int is_birth)
{
    void (*tell)(uint32_t, int) = atomic_load(&pt_tracker.door->event);
    int was_inside = is_inside, saved_errno = errno;
    uint32_t kind = pt_tracker_pair(id)->kind;

    if (tell == NULL || kind == PT_NATIVE_PYTHON ||
        kind == PT_NATIVE_TRACKED) {
        return;
    }
    is_inside = 1;
    tell(id, is_birth);
    is_inside = was_inside;
    errno = saved_errno;
}

/* The pair of a new block; PT_NATIVE_OWN or PT_NATIVE_LOOSE if it has none. */
PT_INLINE uint32_t
choose(const struct pt_native_birth *birth)
{
    const struct pt_door *door = pt_tracker.door;
    pt_door_context_func ask =
        atomic_load_explicit(&door->context, memory_order_acquire);
    struct pt_door_context context = {PT_NODE_NONE, PT_NATIVE_EARLY};
    struct pt_native_pair key;
    uint32_t id;

    if (pt_likely(ask != NULL)) {
        context = ask();
        if (pt_unlikely(context.kind == PT_DOOR_TOOL)) {
            return PT_NATIVE_OWN;
        }
    }
    else if (door->tool_bytes != 0) {
        context.kind = PT_NATIVE_LIBRARY;
    }
    key = (struct pt_native_pair){.size_bytes = birth->bytes,
                                  .site = birth->site,
                                  .node = context.node,
                                  .kind = (uint16_t)context.kind,
                                  .shard = (uint8_t)own_shard(),
                                  .align_shift = (uint8_t)birth->align_shift};
    if (pt_unlikely(pt_tracker.with_stacks) &&
        context.kind != PT_NATIVE_PYTHON) {
        key.stack = pt_unwind_stack(birth->site);
    }
    id = find(&key);
    return pt_likely(id != 0) ? id : make_slow(&key);
}

/* Count a birth under `id`. */
PT_INLINE void
count_birth(uint32_t id)
{
    pt_tracker_count(&pt_tracker_pair(id)->allocated);
    if (pt_tracker_has_events()) {
        pt_tracker_tell_slow(id, 1);
    }
}

/* The pair of a mapping, counted up if it `is_wanted`; comes out of here. */
static uint32_t
count_pair(struct pt_native_pair *key, int is_wanted)
{
    uint32_t id = 0;

    if (is_wanted) {
        id = find(key);
        id = id != 0 ? id : make_slow(key);
        if (id != 0) {
            count_birth(id);
        }
    }
    is_inside = 0;
    return id;
}

/* What jemalloc made of the size that was asked for. */
PT_INLINE size_t
class_of(const void *block, const struct pt_native_birth *birth)
{
    if (pt_unlikely(birth->align_shift != 0)) {
        return sallocx(block, 0);
    }
    return pt_nativeblocks_class(
        birth->bytes < PT_INNER_SIZE_MIN ? PT_INNER_SIZE_MIN : birth->bytes);
}

void
pt_tracker_born(void *block, const struct pt_native_birth *birth)
{
    struct pt_nativeblocks_place place;
    uint32_t id = PT_NATIVE_LOOSE;

    if (pt_unlikely(is_inside)) {
        count_loose(&pt_tracker.loose_bytes, (int64_t)sallocx(block, 0));
        return;
    }
    is_inside = 1;
    place = pt_nativeblocks_make(&pt_tracker.blocks, (uintptr_t)block,
                                 class_of(block, birth));
    if (pt_likely(place.slot != NULL)) {
        id = choose(birth);
        pt_nativeblocks_set(&place, id);
    }
    is_inside = 0;
    if (pt_likely(id > PT_NATIVE_OWN)) {
        count_birth(id);
    }
    else {
        count_loose(id == PT_NATIVE_OWN ? &pt_tracker.own_bytes
                                        : &pt_tracker.loose_bytes,
                    (int64_t)sallocx(block, 0));
    }
}

PT_COLD void
pt_tracker_died_slow(pt_native_id id, size_t usable_bytes)
{
    count_loose(id == PT_NATIVE_OWN ? &pt_tracker.own_bytes
                                    : &pt_tracker.loose_bytes,
                -(int64_t)usable_bytes);
}

void
pt_tracker_restore(void *block, pt_native_id id)
{
    struct pt_nativeblocks_place place =
        pt_nativeblocks_find(&pt_tracker.blocks, (uintptr_t)block);

    if (place.slot != NULL) {
        pt_nativeblocks_set(&place, id);
    }
}

pt_native_id
pt_tracker_map(size_t bytes, uintptr_t site, int *is_python)
{
    pt_door_context_func ask =
        atomic_load_explicit(&pt_tracker.door->context, memory_order_acquire);
    struct pt_native_pair key = {
        .size_bytes = bytes, .site = site, .kind = PT_NATIVE_MAP};
    struct pt_door_context context = {PT_NODE_NONE, PT_NATIVE_LIBRARY};

    *is_python = 0;
    if (is_inside) {
        return 0;
    }
    is_inside = 1;
    if (ask != NULL) {
        context = ask();
    }
    key.node = context.node;
    *is_python = context.kind == PT_NATIVE_PYTHON;
    if (pt_tracker.with_stacks && !*is_python) {
        key.stack = pt_unwind_stack(site);
    }
    return count_pair(&key, !*is_python);
}

pt_native_id
pt_tracker_born_like(pt_native_id id, size_t bytes)
{
    struct pt_native_pair key = {.size_bytes = bytes,
                                 .site = pt_tracker_pair(id)->site,
                                 .node = pt_tracker_pair(id)->node,
                                 .kind = pt_tracker_pair(id)->kind,
                                 .stack = pt_tracker_pair(id)->stack};

    if (is_inside) {
        return 0;
    }
    is_inside = 1;
    return count_pair(&key, 1);
}

/* Move a block to a pair that differs only in whose it is. */
void
pt_tracker_file_as(uintptr_t block, enum pt_native_kind kind)
{
    struct pt_nativeblocks_place place =
        pt_nativeblocks_find(&pt_tracker.blocks, block);
    uint32_t old = pt_nativeblocks_get(&place), id;
    struct pt_native_pair key;

    if (old <= PT_NATIVE_OWN || is_inside || !pt_tracker_is_on() ||
        pt_tracker_pair(old)->kind == PT_NATIVE_PYTHON ||
        (pt_tracker_pair(old)->kind == PT_NATIVE_TRACKED) ==
            (kind == PT_NATIVE_TRACKED)) {
        return;
    }
    is_inside = 1;
    key = (struct pt_native_pair){
        .size_bytes = pt_tracker_pair(old)->size_bytes,
        .site = pt_tracker_pair(old)->site,
        .node = pt_tracker_pair(old)->node,
        .kind = (uint16_t)kind,
        .align_shift = pt_tracker_pair(old)->align_shift,
        .stack = pt_tracker_pair(old)->stack};
    id = find(&key);
    id = id != 0 ? id : make_slow(&key);
    if (id != 0) {
        pt_nativeblocks_set(&place, id);
        count_birth(id);
        atomic_fetch_sub_explicit(&pt_tracker_pair(old)->allocated, 1,
                                  memory_order_relaxed);
        if (pt_tracker_has_events()) {
            pt_tracker_tell_slow(old, 0);
        }
    }
    is_inside = 0;
}

void
pt_tracker_finish(void)
{
    pt_tracker.is_finished = 1;
    atomic_store(&pt_tracker.on, 0);
}

void
pt_tracker_before_fork(void)
{
    // Other handlers of fork() may allocate while we have the locks.
    is_inside = 1;
    pt_unwind_before_fork();
    pthread_mutex_lock(&pt_tracker.lock);
}

void
pt_tracker_after_fork_parent(void)
{
    pthread_mutex_unlock(&pt_tracker.lock);
    pt_unwind_after_fork();
    is_inside = 0;
}

static void
count_inherited(void *unused, uintptr_t block, uint32_t id)
{
    (void)unused;
    (void)block;
    if (id > PT_NATIVE_OWN && id < atomic_load(pt_tracker.pairs->items)) {
        pt_tracker_pair(id)->inherited++;
    }
}

void
pt_tracker_after_fork_child(void)
{
    uint32_t items = atomic_load(pt_tracker.pairs->items);

    for (uint32_t id = PT_NATIVE_OWN + 1; id < items; id++) {
        struct pt_native_pair *pair = pt_tracker_pair(id);

        atomic_store(&pair->allocated, 0);
        atomic_store(&pair->freed, 0);
        pair->inherited = 0;
    }
    pt_nativeblocks_walk(&pt_tracker.blocks, count_inherited, NULL);
    pthread_mutex_unlock(&pt_tracker.lock);
    pt_unwind_after_fork();
    is_inside = 0;
    atomic_store_explicit(&pt_tracker.on, !pt_tracker.is_finished,
                          memory_order_release);
}
