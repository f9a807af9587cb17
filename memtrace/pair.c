/* SPDX-License-Identifier: MIT */
/* pair.c - making pairs, careful counting, peaks and views. */
#include "memtrace/pair.h"

#include "core/base/poisson.h"

static uint64_t
load(const _Atomic uint64_t *field)
{
    return atomic_load_explicit(field, memory_order_relaxed);
}

static void
set_limit(struct pt_pairs *pairs)
{
    atomic_store(&pairs->limit, (int64_t)load(&pairs->mark) -
                                    atomic_load(&pairs->process->raw_bytes));
}

int
pt_pairs_init(struct pt_pairs *pairs, struct pt_timeline *timeline)
{
    *pairs = (struct pt_pairs){
        .timeline = timeline,
        .process = timeline->process,
        .array = &timeline->array[PT_SEGMENT_PAIR],
        .first = 1,
    };
    if (pt_idmap_init(&pairs->ids) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    pthread_mutex_init(&pairs->lock, NULL);
    set_limit(pairs);
    return PT_OK;
}

void
pt_pairs_release(struct pt_pairs *pairs)
{
    pt_idmap_release(&pairs->ids);
    pthread_mutex_destroy(&pairs->lock);
}

/* See that pair `id` has its item in another array, if `wanted` is. */
static int
has_item(struct pt_timeline *timeline, enum pt_wanted wanted,
         enum pt_segment segment, uint32_t id)
{
    uint32_t items = atomic_load(timeline->array[segment].items);

    return (timeline->header->wanted & wanted) == 0 || id < items ||
           pt_timeline_append(timeline, segment, id - items + 1) != 0;
}

static uint32_t
add(struct pt_pairs *pairs, uint32_t node, uint64_t size_bytes,
    uint32_t domain)
{
    uint32_t id = pt_timeline_append(pairs->timeline, PT_SEGMENT_PAIR, 1);
    struct pt_pair *pair;

    if (id == 0 || id >= PT_PAIRS_MAX ||
        !has_item(pairs->timeline, PT_WANT_TEMPORARY, PT_SEGMENT_TEMPORARY,
                  id) ||
        !has_item(pairs->timeline, PT_WANT_LIFETIME, PT_SEGMENT_LIFETIME,
                  id)) {
        return 0;
    }
    pair = pt_pairs_at(pairs, id);
    pair->size_bytes = size_bytes;
    pair->node = node;
    pair->domain = domain;
    pair->care = domain != PT_DOMAIN_PYTHON ? PT_CARE_ATOMIC : 0;
    atomic_store_explicit(&pair->epoch,
                          atomic_load_explicit(&pairs->process->peak_epoch,
                                               memory_order_relaxed),
                          memory_order_relaxed);
    if (pt_idmap_insert(&pairs->ids,
                        pt_pairs_hash(pairs, node, size_bytes, domain),
                        id) != PT_OK) {
        return 0;
    }
    return id;
}

PT_COLD struct pt_pair *
pt_pairs_make_slow(struct pt_pairs *pairs, uint32_t node, uint64_t size_bytes,
                   uint32_t domain, uint32_t *id)
{
    struct pt_pair *pair;

    pthread_mutex_lock(&pairs->lock);
    pair = pt_pairs_find(pairs, node, size_bytes, domain, id);
    if (pair == NULL) {
        *id = add(pairs, node, size_bytes, domain);
        pair = *id != 0 ? pt_pairs_at(pairs, *id) : NULL;
    }
    pthread_mutex_unlock(&pairs->lock);
    return pair;
}

static void
set_mark(struct pt_pairs *pairs)
{
    uint64_t peak = load(&pairs->process->peak_bytes);
    uint64_t view = load(&pairs->view_peak) + load(&pairs->base_bytes);
    uint64_t mark = peak < view ? peak : view;
    uint64_t old =
        atomic_exchange_explicit(&pairs->mark, mark, memory_order_relaxed);

    atomic_fetch_add_explicit(&pairs->limit, (int64_t)(mark - old),
                              memory_order_relaxed);
}

static void
add_raw(struct pt_pairs *pairs, int64_t bytes)
{
    atomic_fetch_add_explicit(&pairs->process->raw_bytes, bytes,
                              memory_order_relaxed);
    atomic_fetch_sub_explicit(&pairs->limit, bytes, memory_order_relaxed);
}

static uint64_t
total_of(const struct pt_pairs *pairs)
{
    return load(&pairs->process->traced_bytes) +
           (uint64_t)atomic_load_explicit(&pairs->process->raw_bytes,
                                          memory_order_relaxed);
}

void
pt_pairs_peak_slow(struct pt_pairs *pairs)
{
    struct pt_process *process = pairs->process;
    uint64_t base = load(&pairs->base_bytes);
    uint64_t total = total_of(pairs);

    if (total > load(&process->peak_bytes)) {
        atomic_store_explicit(&process->peak_bytes, total,
                              memory_order_relaxed);
        PT_PLAIN_ADD(&process->peak_epoch, 1);
    }
    if (total > load(&pairs->view_peak) + base) {
        atomic_store_explicit(&pairs->view_peak, total - base,
                              memory_order_relaxed);
    }
    set_mark(pairs);
}

/* What a block of a careful pair adds to the totals. */
static uint64_t
charge_of(const struct pt_pairs *pairs, const struct pt_pair *pair)
{
    return pairs->sample_bytes != 0
               ? pt_poisson_bytes(pair->size_bytes, pairs->sample_bytes)
               : pair->size_bytes;
}

static void
save(const struct pt_process *process, struct pt_pair *pair)
{
    pt_pairs_save_seen(
        process, pair,
        atomic_load_explicit(&pair->epoch, memory_order_relaxed));
}

void
pt_pairs_born_slow(struct pt_pairs *pairs, struct pt_pair *pair)
{
    save(pairs->process, pair);
    atomic_fetch_add_explicit(&pair->live, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&pair->allocated, 1, memory_order_relaxed);
    add_raw(pairs, (int64_t)charge_of(pairs, pair));
    if (total_of(pairs) > load(&pairs->mark)) {
        pt_pairs_peak_slow(pairs);
    }
}

void
pt_pairs_died_slow(struct pt_pairs *pairs, struct pt_pair *pair)
{
    if (pair->care & PT_CARE_ATOMIC) {
        save(pairs->process, pair);
        atomic_fetch_sub_explicit(&pair->live, 1, memory_order_relaxed);
        add_raw(pairs, -(int64_t)charge_of(pairs, pair));
    }
    else {
        pt_pairs_died(pairs, pair);
    }
    if (pair->care & PT_CARE_BASE) {
        atomic_fetch_sub_explicit(&pairs->base_bytes, pair->size_bytes,
                                  memory_order_relaxed);
        set_mark(pairs);
    }
}

void
pt_pairs_rebase(struct pt_pairs *pairs)
{
    uint32_t items = atomic_load(pairs->array->items);

    for (uint32_t id = pairs->first; id < items; id++) {
        pt_pairs_at(pairs, id)->care |= PT_CARE_BASE;
    }
    pairs->first = items;
    atomic_store(&pairs->base_bytes, total_of(pairs));
    atomic_store(&pairs->view_peak, 0);
    set_mark(pairs);
}

struct pt_pairs_totals
pt_pairs_totals(const struct pt_pairs *pairs)
{
    uint64_t total = total_of(pairs);

    return (struct pt_pairs_totals){
        .current_bytes = total - load(&pairs->base_bytes),
        .peak_bytes = load(&pairs->view_peak),
    };
}

void
pt_pairs_reset_peak(struct pt_pairs *pairs)
{
    atomic_store(&pairs->view_peak, pt_pairs_totals(pairs).current_bytes);
    set_mark(pairs);
}

void
pt_pairs_after_fork(struct pt_pairs *pairs)
{
    set_mark(pairs);
    set_limit(pairs);
}
