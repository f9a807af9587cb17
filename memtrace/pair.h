/* SPDX-License-Identifier: MIT */
/* pair.h - live and allocated counts for each (context, size).
 *
 * The blocks of the program are millions, the pairs thousands: every table a
 * report prints is made from pairs. Counts of plain pairs are written under
 * the main interpreter's GIL, those of others (`care`) atomically, by any
 * thread.
 *
 *     traced_bytes + raw_bytes = sum over pairs of size * live
 *     peak_bytes >= traced_bytes + raw_bytes
 *
 * The table at the peak: each new peak bumps process->peak_epoch, and the
 * first change of a pair in an epoch saves its live count. So at any time a
 * pair's count at the peak is `saved` if its epoch is the current one, else
 * `live`.
 *
 * A view is what `tracemalloc` shows when it was started, or its traces were
 * cleared, while the blocks were being recorded for a report already: blocks
 * born since. They get pairs of their own, from number `first` on; older pairs
 * are marked PT_CARE_BASE and their live bytes kept in `base_bytes`.
 *
 *     mark = min(peak_bytes, view_peak + base_bytes)
 *     limit = mark - raw_bytes, where traced_bytes stands at the mark
 */
#ifndef PT_MEMTRACE_PAIR_H
#define PT_MEMTRACE_PAIR_H

#include <pthread.h>
#include <stdint.h>

#include "core/base/hash.h"
#include "core/base/idmap.h"
#include "core/timeline/timeline.h"

#define PT_PAIRS_MAX ((UINT32_C(1) << 23) - 1024)  // ids are lower

enum pt_care {
    PT_CARE_ATOMIC = 1u << 0,  // counted by any thread
    PT_CARE_BASE = 1u << 1,    // born before the view
};

struct pt_pairs {
    struct pt_timeline *timeline;
    struct pt_process *process;  // holds the totals
    struct pt_array *array;
    _Atomic uint64_t mark;  // a total above it is some new peak
    _Atomic int64_t limit;  // moves with `mark` and raw_bytes, by additions
    _Atomic uint64_t base_bytes;
    _Atomic uint64_t view_peak;
    uint32_t first;  // changed under the GIL with no other thread in a hook
    uint32_t sample_bytes;  // the pairs are of a sample, one in so many bytes;
                            // 0: of all blocks. Totals are estimates then
    pthread_mutex_t lock;   // guards inserting
    struct pt_idmap ids;
};

/* The figures of the view. */
struct pt_pairs_totals {
    uint64_t current_bytes;
    uint64_t peak_bytes;
};

/* Make an empty table over `timeline`, which must outlive it. PT_ERR_NOMEM
 * leaves nothing to release. */
PT_MUST_CHECK int pt_pairs_init(struct pt_pairs *pairs,
                                struct pt_timeline *timeline);

/* Unmap the index; the pairs stay in the timeline. */
void pt_pairs_release(struct pt_pairs *pairs);

/* Begin a view: what lives now is not of it. Needs the GIL; no other thread
 * may be in a hook. */
void pt_pairs_rebase(struct pt_pairs *pairs);

/* The view's figures, and making its peak what is traced now. Any thread. */
struct pt_pairs_totals pt_pairs_totals(const struct pt_pairs *pairs);
void pt_pairs_reset_peak(struct pt_pairs *pairs);

/* Note that a fork changed the process record. */
void pt_pairs_after_fork(struct pt_pairs *pairs);

/* Make a pair that pt_pairs_find did not find; NULL, and id 0, when there is
 * no memory. Hook-safe. Any thread. */
struct pt_pair *pt_pairs_make_slow(struct pt_pairs *pairs, uint32_t node,
                                   uint64_t size_bytes, uint32_t domain,
                                   uint32_t *id);

/* A block of a pair that takes care was born or died. Hook-safe. Any thread,
 * with or without the GIL: without it, the table at the peak may be off by
 * blocks of that very moment. */
void pt_pairs_born_slow(struct pt_pairs *pairs, struct pt_pair *pair);
void pt_pairs_died_slow(struct pt_pairs *pairs, struct pt_pair *pair);

/* Note that what is traced now, if it is above the mark, is some new peak.
 * Hook-safe. */
void pt_pairs_peak_slow(struct pt_pairs *pairs);

PT_INLINE struct pt_pair *
pt_pairs_at(const struct pt_pairs *pairs, uint32_t id)
{
    // As pt_array_at(), with what it would have to load known beforehand.
    char *chunk = atomic_load_explicit(
        &pairs->array->chunk[id >> PT_PAIR_SHIFT], memory_order_relaxed);

    return (struct pt_pair *)chunk + (id & ((1u << PT_PAIR_SHIFT) - 1));
}

/* Every view has hashes of its own. */
PT_INLINE uint64_t
pt_pairs_hash(const struct pt_pairs *pairs, uint32_t node, uint64_t size_bytes,
              uint32_t domain)
{
    return pt_hash_pair((uint64_t)node << 32 | (domain + pairs->first),
                        size_bytes);
}

/* The pair and its *id; NULL, and id 0, when it is new. Hook-safe. Any thread.
 */
PT_INLINE struct pt_pair *
pt_pairs_find(const struct pt_pairs *pairs, uint32_t node, uint64_t size_bytes,
              uint32_t domain, uint32_t *id)
{
    struct pt_idmap_walk walk;

    *id = pt_idmap_first(
        &pairs->ids, pt_pairs_hash(pairs, node, size_bytes, domain), &walk);
    for (; *id != 0; *id = pt_idmap_next(&walk)) {
        struct pt_pair *pair = pt_pairs_at(pairs, *id);

        if (pt_likely(pair->size_bytes == size_bytes && pair->node == node &&
                      pair->domain == domain && *id >= pairs->first)) {
            return pair;
        }
    }
    return NULL;
}

/* Save a pair's count before its first change since the last peak; `seen` is
 * the pair's epoch. */
PT_INLINE void
pt_pairs_save_seen(const struct pt_process *process, struct pt_pair *pair,
                   uint32_t seen)
{
    uint32_t epoch =
        atomic_load_explicit(&process->peak_epoch, memory_order_relaxed);

    if (seen != epoch) {
        atomic_store_explicit(&pair->epoch, epoch, memory_order_relaxed);
        atomic_store_explicit(
            &pair->saved,
            atomic_load_explicit(&pair->live, memory_order_relaxed),
            memory_order_relaxed);
    }
}

/* The same for a plain pair, with the GIL. */
PT_INLINE void
pt_pairs_save_plain(const struct pt_process *process, struct pt_pair *pair)
{
    pt_pairs_save_seen(process, pair, PT_OWN_GET32(&pair->epoch));
}

#define PT_PLAIN_ADD(field, amount)                                        \
  atomic_store_explicit(                                                   \
      field, atomic_load_explicit(field, memory_order_relaxed) + (amount), \
      memory_order_relaxed)

/* A block of a plain pair was born; true when that may be a new peak, which
 * is to be noted by pt_pairs_peak_slow(). Hook-safe, with the GIL. */
PT_MUST_CHECK PT_INLINE int
pt_pairs_born(struct pt_pairs *pairs, struct pt_pair *pair)
{
    struct pt_process *process = pairs->process;
    uint64_t traced =
        atomic_load_explicit(&process->traced_bytes, memory_order_relaxed) +
        pair->size_bytes;

    pt_pairs_save_plain(process, pair);
    // In this order the compiler does not make one vector of the two.
    PT_OWN_ADD(&pair->live, 1);
    atomic_store_explicit(&process->traced_bytes, traced,
                          memory_order_relaxed);
    PT_OWN_ADD(&pair->allocated, 1);
    return pt_unlikely(
        (int64_t)traced >
        atomic_load_explicit(&pairs->limit, memory_order_relaxed));
}

/* A block of a plain pair died. Hook-safe, with the GIL. */
PT_INLINE void
pt_pairs_died(struct pt_pairs *pairs, struct pt_pair *pair)
{
    struct pt_process *process = pairs->process;

    pt_pairs_save_plain(process, pair);
    PT_OWN_ADD(&pair->live, -1);
    PT_PLAIN_ADD(&process->traced_bytes, -pair->size_bytes);
}

#endif
