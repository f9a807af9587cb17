/* SPDX-License-Identifier: MIT */
/* tracker.h - filing native blocks under their pairs, and forgetting them.
 *
 * One for the process. There is no lock on the path: a block owns its slot of
 * the block table, the index of pairs is read without one, and counts are
 * atomic, for a block may be freed by another thread. The lock is for pairs
 * seen for the first time.
 *
 *     usable bytes that the allocator gave out
 *         = sum over pairs of usable * live + own_bytes + loose_bytes
 *
 * Own blocks are the tool's. Loose ones could not be filed: those from before
 * the tracker started, and those a thread takes while it is in here already.
 */
#ifndef PT_NATIVE_TRACKER_H
#define PT_NATIVE_TRACKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/single_threaded.h>

#include "core/base/idmap.h"
#include "core/timeline/door.h"
#include "native/nativeblocks.h"

/* What a thread is in, when a signal handler of it allocates. */
enum pt_native_at {
    PT_AT_PROGRAM,
    PT_AT_TRACKER,    // its blocks are loose
    PT_AT_ALLOCATOR,  // it must not be entered again (reserve.h)
};

extern PT_THREAD_LOCAL volatile int pt_native_at;

/* What is filed, of a new block. */
struct pt_native_birth {
    size_t bytes;
    uintptr_t site;  // where the call returns to
    unsigned align_shift;
};

/* What a block was filed under: to be given back when it lives on. */
typedef uint32_t pt_native_id;

#define PT_NATIVE_LOOSE 0u  // not filed
#define PT_NATIVE_OWN 1u    // the tool's

struct pt_tracker {
    atomic_int on;
    int is_finished;
    int with_stacks;  // native callers are told apart
    struct pt_door *door;
    struct pt_array *pairs;
    struct pt_nativeblocks blocks;
    struct pt_idmap ids;
    pthread_mutex_t lock;  // guards inserting
    _Atomic int64_t own_bytes;
    _Atomic int64_t loose_bytes;
};

extern struct pt_tracker pt_tracker;

/* Start to file blocks in the timeline of `door`; `loose_bytes` have been
 * given out before. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_tracker_start(struct pt_door *door, int64_t loose_bytes);

/* A block was born. Hook-safe. Any thread. */
void pt_tracker_born(void *block, const struct pt_native_birth *birth);

PT_INLINE struct pt_native_pair *
pt_tracker_pair(uint32_t id)
{
    char *chunk = atomic_load_explicit(
        &pt_tracker.pairs->chunk[id >> PT_NATIVE_SHIFT], memory_order_relaxed);

    return (struct pt_native_pair *)chunk +
           (id & ((1u << PT_NATIVE_SHIFT) - 1));
}

/* Take a block out of the table, before it is freed or moved; to be followed
 * by pt_tracker_died() or pt_tracker_restore(). Hook-safe. The thread that
 * owns the block. */
PT_INLINE pt_native_id
pt_tracker_take(void *block, size_t usable_bytes)
{
    struct pt_nativeblocks_place place = pt_nativeblocks_find(
        &pt_tracker.blocks, (uintptr_t)block, usable_bytes);
    uint32_t id = pt_nativeblocks_get(&place);

    if (pt_likely(id != PT_NATIVE_LOOSE)) {
        pt_nativeblocks_set(&place, 0);
    }
    return id;
}

/* One more in a count that no other thread writes. */
PT_INLINE void
pt_tracker_count_own(_Atomic uint64_t *count)
{
    atomic_store_explicit(
        count, atomic_load_explicit(count, memory_order_relaxed) + 1,
        memory_order_relaxed);
}

/* One more in a count. As long as there is one thread, it is its own. */
PT_INLINE void
pt_tracker_count(_Atomic uint64_t *count)
{
    if (pt_likely(__libc_single_threaded)) {
        pt_tracker_count_own(count);
    }
    else {
        atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
    }
}

/* The end of a block that has no pair. */
void pt_tracker_died_slow(pt_native_id id, size_t usable_bytes);

/* A block of a pair was born (1) or died (0), and that is an event. */
void pt_tracker_tell_slow(pt_native_id id, int is_birth);

/* Are births and deaths events? Hook-safe. */
PT_INLINE int
pt_tracker_has_events(void)
{
    return pt_unlikely(atomic_load_explicit(&pt_tracker.door->event,
                                            memory_order_relaxed) != NULL);
}

/* A block that was taken out is gone. Hook-safe. Any thread. */
PT_INLINE void
pt_tracker_died(pt_native_id id, size_t usable_bytes)
{
    if (pt_unlikely(id <= PT_NATIVE_OWN)) {
        pt_tracker_died_slow(id, usable_bytes);
        return;
    }
    pt_tracker_count(&pt_tracker_pair(id)->freed);
    if (pt_tracker_has_events()) {
        pt_tracker_tell_slow(id, 0);
    }
}

/* It lives on after all. */
void pt_tracker_restore(void *block, size_t usable_bytes, pt_native_id id);

/* What the allocator made of a block, by the table alone: 0 if it is not in
 * there. Hook-safe. The thread that owns the block. */
size_t pt_tracker_usable(const void *block);

/* A library maps `bytes` itself: the pair that was counted up, or 0.
 * *is_python: Python's allocators do, and nothing was counted. Hook-safe. Any
 * thread. */
pt_native_id pt_tracker_map(size_t bytes, uintptr_t site, int *is_python);

/* Count up the pair that differs from `id` in its size. Hook-safe. Any thread.
 */
pt_native_id pt_tracker_born_like(pt_native_id id, size_t bytes);

/* Let the figures be as they are; all calls are passed on from now on. */
void pt_tracker_finish(void);

/* Sums over all blocks, by what they were asked for with. */
struct pt_tracker_sums {
    uint64_t kind_bytes[PT_NATIVE_KINDS];
    uint64_t own_bytes;
    uint64_t loose_bytes;
    uint64_t usable_bytes;  // of all of them, mappings not included
};

/* Hook-safe. Any thread; others that allocate meanwhile may be half seen. */
struct pt_tracker_sums pt_tracker_sum(void);

/* Bytes of pages of large blocks that were never written to, of Python's
 * blocks and of all others. */
struct pt_tracker_untouched {
    uint64_t python_bytes;
    uint64_t other_bytes;
};
struct pt_tracker_untouched pt_tracker_untouched(void);

/* See door.h. */
void pt_tracker_file_as(uintptr_t block, enum pt_native_kind kind);

/* Around fork. The child counts what it inherited from its table, for other
 * threads of the parent went on meanwhile. */
void pt_tracker_before_fork(void);
void pt_tracker_after_fork_parent(void);
void pt_tracker_after_fork_child(void);

/* Hook-safe. Any thread. */
PT_INLINE int
pt_tracker_is_on(void)
{
    return pt_likely(
        atomic_load_explicit(&pt_tracker.on, memory_order_acquire));
}

#endif
