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

// The first so many threads have pairs of their own, and those after them
// share as many others.
#define SHARDS 8u

#define RECENTS_BITS 6

struct pt_tracker pt_tracker;
PT_THREAD_LOCAL volatile int pt_native_at;

/* What this thread found of late in the index of pairs, by a hash of all but
 * the stack. Pairs stay for ever, in forked children too. */
struct recent {
    uint64_t size_bytes;
    uint64_t site;
    uint64_t head;
    uint32_t stack;
    uint32_t id;  // 0: none
};

static PT_THREAD_LOCAL struct recent recents[1 << RECENTS_BITS];

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
        unsigned before =
            atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed);

        own = 1 + (before < SHARDS ? before : SHARDS + before % SHARDS);
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
    int was_at = pt_native_at, saved_errno = errno;
    uint32_t kind = pt_tracker_pair(id)->kind;

    if (tell == NULL || kind == PT_NATIVE_PYTHON ||
        kind == PT_NATIVE_TRACKED) {
        return;
    }
    pt_native_at = PT_AT_TRACKER;
    tell(id, is_birth);
    pt_native_at = was_at;
    errno = saved_errno;
}

/* Whose a new block is, and which Python code takes it. */
PT_INLINE struct pt_door_context
context_now(void)
{
    const struct pt_door *door = pt_tracker.door;
    pt_door_context_func ask =
        atomic_load_explicit(&door->context, memory_order_acquire);

    if (pt_likely(ask != NULL)) {
        return ask();
    }
    return (struct pt_door_context){PT_NODE_NONE, door->tool_bytes != 0
                                                      ? PT_NATIVE_LIBRARY
                                                      : PT_NATIVE_EARLY};
}

PT_COLD static uint32_t
look_up_slow(const struct recent *wanted)
{
    struct pt_native_pair key = {
        .size_bytes = wanted->size_bytes,
        .site = wanted->site,
        .node = (uint32_t)wanted->head,
        .kind = (uint16_t)(wanted->head >> 32),
        .shard = (uint8_t)own_shard(),
        .align_shift = (uint8_t)(wanted->head >> 48),
        .stack = wanted->stack,
    };
    uint32_t id = find(&key);

    return id != 0 ? id : make_slow(&key);
}

/* The pair of a new block; PT_NATIVE_OWN or PT_NATIVE_LOOSE if it has none. */
PT_INLINE uint32_t
choose(const struct pt_native_birth *birth)
{
    struct pt_door_context context = context_now();
    struct recent wanted = {.size_bytes = birth->bytes, .site = birth->site};
    struct recent *recent;

    if (pt_unlikely(context.kind == PT_DOOR_TOOL)) {
        return PT_NATIVE_OWN;
    }
    wanted.head = context.node | (uint64_t)context.kind << 32 |
                  (uint64_t)birth->align_shift << 48;
    if (pt_unlikely(pt_tracker.with_stacks) &&
        context.kind != PT_NATIVE_PYTHON) {
        wanted.stack = pt_unwind_stack(birth->site);
    }
    recent = &recents[pt_hash_pair(wanted.site ^ wanted.size_bytes << 24,
                                   wanted.head) >>
                      (64 - RECENTS_BITS)];
    if (pt_unlikely(recent->size_bytes != wanted.size_bytes ||
                    recent->site != wanted.site ||
                    recent->head != wanted.head ||
                    recent->stack != wanted.stack)) {
        wanted.id = look_up_slow(&wanted);
        if (wanted.id == 0) {
            return PT_NATIVE_LOOSE;
        }
        *recent = wanted;
    }
    return recent->id;
}

PT_INLINE void
tell_birth(uint32_t id)
{
    if (pt_tracker_has_events()) {
        pt_tracker_tell_slow(id, 1);
    }
}

/* Count a birth under a pair that threads share. */
PT_INLINE void
count_birth(uint32_t id)
{
    pt_tracker_count(&pt_tracker_pair(id)->allocated);
    tell_birth(id);
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
    pt_native_at = PT_AT_PROGRAM;
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

PT_COLD static void
count_unfiled(_Atomic int64_t *sum, const void *block)
{
    int was_at = pt_native_at;

    pt_native_at = PT_AT_ALLOCATOR;
    count_loose(sum, (int64_t)sallocx(block, 0));
    pt_native_at = was_at;
}

/* In a pair of this thread's own, or one of those that threads share. */
PT_INLINE void
count_own_birth(uint32_t id)
{
    _Atomic uint64_t *count = &pt_tracker_pair(id)->allocated;

    if (pt_likely(own_shard() <= SHARDS)) {
        pt_tracker_count_own(count);
    }
    else {
        pt_tracker_count(count);
    }
    tell_birth(id);
}

void
pt_tracker_born(void *block, const struct pt_native_birth *birth)
{
    struct pt_nativeblocks_place place;
    uint32_t id = PT_NATIVE_LOOSE;

    if (pt_unlikely(pt_native_at != PT_AT_PROGRAM)) {
        count_unfiled(&pt_tracker.loose_bytes, block);
        return;
    }
    pt_native_at = PT_AT_TRACKER;
    place = pt_nativeblocks_make(&pt_tracker.blocks, (uintptr_t)block,
                                 class_of(block, birth));
    if (pt_likely(place.slot != NULL)) {
        id = choose(birth);
        pt_nativeblocks_set(&place, id);
    }
    if (pt_likely(id > PT_NATIVE_OWN)) {
        count_own_birth(id);
    }
    else {
        count_unfiled(id == PT_NATIVE_OWN ? &pt_tracker.own_bytes
                                          : &pt_tracker.loose_bytes,
                      block);
    }
    pt_native_at = PT_AT_PROGRAM;
}

PT_COLD void
pt_tracker_died_slow(pt_native_id id, size_t usable_bytes)
{
    count_loose(id == PT_NATIVE_OWN ? &pt_tracker.own_bytes
                                    : &pt_tracker.loose_bytes,
                -(int64_t)usable_bytes);
}

void
pt_tracker_restore(void *block, size_t usable_bytes, pt_native_id id)
{
    struct pt_nativeblocks_place place = pt_nativeblocks_find(
        &pt_tracker.blocks, (uintptr_t)block, usable_bytes);

    if (place.slot != NULL) {
        pt_nativeblocks_set(&place, id);
    }
}

size_t
pt_tracker_usable(const void *block)
{
    struct pt_nativeblocks_place place;
    uint32_t id;

    if (!pt_tracker_is_on()) {
        return 0;
    }
    place = pt_nativeblocks_search(&pt_tracker.blocks, (uintptr_t)block);
    id = pt_nativeblocks_get(&place);
    return id > PT_NATIVE_OWN ? pt_tracker_pair(id)->usable_bytes : 0;
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
    if (pt_native_at != PT_AT_PROGRAM) {
        return 0;
    }
    pt_native_at = PT_AT_TRACKER;
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

    if (pt_native_at != PT_AT_PROGRAM) {
        return 0;
    }
    pt_native_at = PT_AT_TRACKER;
    return count_pair(&key, 1);
}

/* It was born under another pair after all. Where only another thread may
 * write that count, it has died there. */
static void
uncount_birth(uint32_t id)
{
    struct pt_native_pair *pair = pt_tracker_pair(id);

    if (pair->shard == 0 || pair->shard > SHARDS ||
        pair->shard == own_shard()) {
        atomic_fetch_sub_explicit(&pair->allocated, 1, memory_order_relaxed);
    }
    else {
        atomic_fetch_add_explicit(&pair->freed, 1, memory_order_relaxed);
    }
    if (pt_tracker_has_events()) {
        pt_tracker_tell_slow(id, 0);
    }
}

/* Move a block to a pair that differs only in whose it is. */
void
pt_tracker_file_as(uintptr_t block, enum pt_native_kind kind)
{
    struct pt_nativeblocks_place place;
    struct pt_native_pair key;
    uint32_t old, id;

    if (!pt_tracker_is_on() || pt_native_at != PT_AT_PROGRAM) {
        return;
    }
    place = pt_nativeblocks_search(&pt_tracker.blocks, block);
    old = pt_nativeblocks_get(&place);
    if (old <= PT_NATIVE_OWN ||
        pt_tracker_pair(old)->kind == PT_NATIVE_PYTHON ||
        (pt_tracker_pair(old)->kind == PT_NATIVE_TRACKED) ==
            (kind == PT_NATIVE_TRACKED)) {
        return;
    }
    pt_native_at = PT_AT_TRACKER;
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
        uncount_birth(old);
    }
    pt_native_at = PT_AT_PROGRAM;
}

void
pt_tracker_finish(void)
{
    pt_tracker.is_finished = 1;
    atomic_store(&pt_tracker.on, 0);
}
