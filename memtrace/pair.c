/* SPDX-License-Identifier: MIT */
/* pair.c - making pairs, and the RAW domain's counting. */
#include "memtrace/pair.h"

int
pt_pairs_init(struct pt_pairs *pairs, struct pt_timeline *timeline)
{
    pairs->timeline = timeline;
    pairs->process = timeline->process;
    pairs->array = &timeline->array[PT_SEGMENT_PAIR];
    if (pt_idmap_init(&pairs->ids) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    pthread_mutex_init(&pairs->lock, NULL);
    return PT_OK;
}

void
pt_pairs_release(struct pt_pairs *pairs)
{
    pt_idmap_release(&pairs->ids);
    pthread_mutex_destroy(&pairs->lock);
}

static uint32_t
add(struct pt_pairs *pairs, uint32_t node, uint64_t size_bytes,
    uint32_t domain)
{
    uint32_t id = pt_timeline_append(pairs->timeline, PT_SEGMENT_PAIR, 1);
    struct pt_pair *pair;

    if (id == 0) {
        return 0;
    }
    pair = pt_pairs_at(pairs, id);
    pair->size_bytes = size_bytes;
    pair->node = node;
    pair->domain = domain;
    pair->epoch = pairs->process->peak_epoch;
    if (pt_idmap_insert(&pairs->ids, pt_pairs_hash(node, size_bytes, domain),
                        id) != PT_OK) {
        return 0;
    }
    return id;
}

PT_COLD uint32_t
pt_pairs_make_slow(struct pt_pairs *pairs, uint32_t node, uint64_t size_bytes,
                   uint32_t domain)
{
    uint32_t id;

    pthread_mutex_lock(&pairs->lock);
    id = pt_pairs_find(pairs, node, size_bytes, domain);
    if (id == 0) {
        id = add(pairs, node, size_bytes, domain);
    }
    pthread_mutex_unlock(&pairs->lock);
    return id;
}

void
pt_pairs_born_raw(struct pt_pairs *pairs, struct pt_pair *pair)
{
    struct pt_process *process = pairs->process;

    pt_pairs_save(pairs, pair);
    atomic_fetch_add_explicit(&pair->live, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&pair->allocated, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&process->raw_bytes, (int64_t)pair->size_bytes,
                              memory_order_relaxed);
    pt_pairs_peak(pairs, atomic_load_explicit(&process->traced_bytes,
                                              memory_order_relaxed));
}

void
pt_pairs_died_raw(struct pt_pairs *pairs, struct pt_pair *pair)
{
    pt_pairs_save(pairs, pair);
    atomic_fetch_sub_explicit(&pair->live, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&pairs->process->raw_bytes,
                              (int64_t)pair->size_bytes,
                              memory_order_relaxed);
}
