/* SPDX-License-Identifier: MIT */
/* sampler.c - hooks that count down to the next block of the sample.
 *
 * While a hook is in the allocator below it, the thread has no next point: so
 * what pymalloc takes through RAW is not thrown at twice.
 *
 * Budget: 17 instructions for an allocation, 11 for a free; what a block of
 * the sample costs is spread over the half mebibyte up to the next one.
 */
#include "memtrace/sampler.h"

#include <string.h>

#include "core/py/codewatch.h"
#include "memtrace/foreign.h"
#include "memtrace/hookset.h"
#include "memtrace/lot.h"

static struct pt_hookset set;
static const struct pt_catalog *sampled;  // NULL when not started

// -- Hooks -------------------------------------------------------------------
//
// Fast ones that keep nothing but how far it is to the next point, and slow
// ones for a block that meets it.

/* Bytes left behind an allocation that meets no point; the thread has none
 * while the allocator below is at work. */
PT_INLINE uint64_t
step_over(size_t bytes)
{
    uint64_t left = pt_lot_gap.left - bytes;

    pt_lot_gap.left = PT_LOT_NO_POINT;
    return left;
}

/* As above, when there may be a point: if there is one, the block is to be
 * filed. */
static uint64_t
step_on(size_t bytes, int *is_met)
{
    *is_met = pt_lot_meets(bytes);
    return step_over(0);
}

static void *
end_step(const PyMemAllocatorEx *inner, uint64_t left, int is_met, void *block,
         size_t bytes)
{
    pt_lot_gap.left = left;
    if (is_met && block != NULL) {
        pt_lot_file(PT_DOMAIN_RAW, (uintptr_t)block, bytes,
                    inner == &set.inner[PT_HOOK_RAW] ? PT_BACKTRACE_ANY
                                                     : PT_BACKTRACE_PLAIN);
    }
    return block;
}

PT_COLD static void *
malloc_slow(PyMemAllocatorEx *inner, size_t bytes)
{
    int is_met;
    uint64_t left = step_on(bytes, &is_met);

    pt_hookset_here(&set);
    return end_step(inner, left, is_met, inner->malloc(inner->ctx, bytes),
                    bytes);
}

PT_COLD static void *
calloc_slow(PyMemAllocatorEx *inner, size_t count, size_t item_bytes)
{
    size_t bytes = count * item_bytes;
    int is_met;
    uint64_t left = step_on(bytes, &is_met);

    return end_step(inner, left, is_met,
                    inner->calloc(inner->ctx, count, item_bytes), bytes);
}

PT_COLD static void *
realloc_slow(PyMemAllocatorEx *inner, void *old, size_t bytes)
{
    uint32_t id = pt_lot_forget(PT_DOMAIN_RAW, (uintptr_t)old);
    int is_met;
    uint64_t left = step_on(bytes, &is_met);
    void *block = inner->realloc(inner->ctx, old, bytes);

    if (id != 0 && block != NULL) {
        pt_lot_died(id);
    }
    else if (id != 0) {
        pt_lot_restore(PT_DOMAIN_RAW, (uintptr_t)old, id);
    }
    return end_step(inner, left, is_met, block, bytes);
}

static void
bury(uint32_t domain, uintptr_t block)
{
    uint32_t id = pt_lot_forget(domain, block);

    if (id != 0) {
        pt_lot_died(id);
    }
}

PT_COLD static void
free_slow(PyMemAllocatorEx *inner, void *block)
{
    bury(PT_DOMAIN_RAW, (uintptr_t)block);
    inner->free(inner->ctx, block);
}

PT_INLINE void *
sample_malloc(PyMemAllocatorEx *inner, size_t bytes)
{
    uint64_t left;
    void *block;

    if (pt_unlikely(pt_lot_gap.left < bytes)) {
        return malloc_slow(inner, bytes);
    }
    left = step_over(bytes);
    block = inner->malloc(inner->ctx, bytes);
    pt_lot_gap.left = left;
    return block;
}

PT_INLINE void *
sample_calloc(PyMemAllocatorEx *inner, size_t count, size_t item_bytes)
{
    uint64_t left;
    void *block;

    if (pt_unlikely(pt_lot_gap.left < count * item_bytes)) {
        return calloc_slow(inner, count, item_bytes);
    }
    left = step_over(count * item_bytes);
    block = inner->calloc(inner->ctx, count, item_bytes);
    pt_lot_gap.left = left;
    return block;
}

PT_INLINE void *
sample_realloc(PyMemAllocatorEx *inner, void *old, size_t bytes)
{
    uint64_t left;
    void *block;

    if (pt_unlikely(pt_lot_gap.left < bytes ||
                    pt_lot_may_have((uintptr_t)old))) {
        return realloc_slow(inner, old, bytes);
    }
    left = step_over(bytes);
    block = inner->realloc(inner->ctx, old, bytes);
    pt_lot_gap.left = left;
    return block;
}

PT_INLINE void
sample_free(PyMemAllocatorEx *inner, void *block)
{
    if (pt_lot_may_have((uintptr_t)block)) {
        free_slow(inner, block);
        return;
    }
    inner->free(inner->ctx, block);
}

static void *
gil_malloc(void *context, size_t bytes)
{
    return sample_malloc(context, bytes);
}

static void *
gil_calloc(void *context, size_t count, size_t item_bytes)
{
    return sample_calloc(context, count, item_bytes);
}

static void *
gil_realloc(void *context, void *old, size_t bytes)
{
    return sample_realloc(context, old, bytes);
}

static void
gil_free(void *context, void *block)
{
    sample_free(context, block);
}

// As in hooks.c, RAW does not trust the context it is called with.

static void *
raw_malloc(void *context, size_t bytes)
{
    (void)context;
    return sample_malloc(&set.inner[PT_HOOK_RAW], bytes);
}

static void *
raw_calloc(void *context, size_t count, size_t item_bytes)
{
    (void)context;
    return sample_calloc(&set.inner[PT_HOOK_RAW], count, item_bytes);
}

static void *
raw_realloc(void *context, void *old, size_t bytes)
{
    (void)context;
    return sample_realloc(&set.inner[PT_HOOK_RAW], old, bytes);
}

static void
raw_free(void *context, void *block)
{
    (void)context;
    sample_free(&set.inner[PT_HOOK_RAW], block);
}

// -- Blocks of extensions ----------------------------------------------------

void
pt_sampler_track(uint32_t domain, uintptr_t block, size_t bytes)
{
    // A block that is reported once more has another size.
    pt_sampler_untrack(domain, block);
    if (pt_likely(pt_lot_gap.left >= bytes)) {
        pt_lot_gap.left -= bytes;
    }
    else if (pt_lot_meets(bytes)) {
        pt_lot_file(domain, block, bytes, PT_BACKTRACE_ANY);
    }
}

void
pt_sampler_untrack(uint32_t domain, uintptr_t block)
{
    if (pt_lot_may_have(block)) {
        bury(domain, block);
    }
}

// -- Start, stop, fork -------------------------------------------------------

static void
install_hooks(void)
{
    set.raw = (PyMemAllocatorEx){
        .malloc = raw_malloc,
        .calloc = raw_calloc,
        .realloc = raw_realloc,
        .free = raw_free,
    };
    set.gil = (PyMemAllocatorEx){
        .malloc = gil_malloc,
        .calloc = gil_calloc,
        .realloc = gil_realloc,
        .free = gil_free,
    };
    pt_hookset_install(&set);
}

static void
forget_places(PyCodeObject *code)
{
    (void)code;
    pt_backtrace_forget(&pt_lot.backtrace);
}

int
pt_sampler_start(struct pt_catalog *catalog)
{
    struct pt_process *process = catalog->timeline->process;

    if (pt_lot_init(catalog, PT_SAMPLER_BYTES) != PT_OK) {
        PyErr_NoMemory();
        return -1;
    }
    if (pt_foreign_start() < 0 ||
        pt_codewatch_add(PT_CODEWATCH_DESTROYED, forget_places) < 0) {
        return -1;
    }
    strncpy(process->mem_tier, "sample", sizeof(process->mem_tier) - 1);
    process->sample_bytes = PT_SAMPLER_BYTES;
    sampled = catalog;
    atomic_store(&pt_lot.on, 1);
    install_hooks();
    return 0;
}

const struct pt_catalog *
pt_sampler_catalog(void)
{
    return sampled;
}

/* Did somebody take hooks out by force? A point is put where the hooks that
 * are left must meet it. */
static int
has_lost_hooks(void)
{
    struct pt_gap gap = pt_lot_gap;
    int lost = 0;

    for (int i = 0; i < PT_HOOK_DOMAINS; i++) {
        pt_lot_gap.left = 0;
        lost += pt_hookset_is_lost(&set, i);
    }
    pt_lot_gap = gap;
    return lost != 0;
}

void
pt_sampler_stop(const struct pt_catalog *catalog)
{
    if (sampled != NULL && sampled == catalog) {
        if (has_lost_hooks()) {
            pt_timeline_trouble(catalog->timeline, PT_TROUBLE_ALLOCATORS);
        }
        atomic_store(&pt_lot.on, 0);
        pt_codewatch_remove(PT_CODEWATCH_DESTROYED, forget_places);
        pt_hookset_remove(&set);
    }
}

uint64_t
pt_sampler_mapped_bytes(void)
{
    return sampled != NULL
               ? sizeof(pt_lot.marks) +
                     pt_lot.blocks.slots * sizeof(*pt_lot.blocks.slot)
               : 0;
}

void
pt_sampler_before_fork(const struct pt_catalog *catalog)
{
    if (sampled == catalog) {
        pthread_mutex_lock(&pt_lot.backtrace.nodes.lock);
        pthread_mutex_lock(&pt_lot.blocks.lock);
        pthread_mutex_lock(&pt_lot.pairs.lock);
    }
}

void
pt_sampler_after_fork_parent(const struct pt_catalog *catalog)
{
    if (sampled == catalog) {
        pthread_mutex_unlock(&pt_lot.pairs.lock);
        pthread_mutex_unlock(&pt_lot.blocks.lock);
        pthread_mutex_unlock(&pt_lot.backtrace.nodes.lock);
    }
}

void
pt_sampler_after_fork_child(const struct pt_catalog *catalog)
{
    if (sampled == catalog) {
        // Points of its own, not once more its parent's.
        pt_lot_gap = (struct pt_gap){0, 0};
        pt_pairs_after_fork(&pt_lot.pairs);
    }
}
