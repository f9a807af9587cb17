/* SPDX-License-Identifier: MIT */
/* recorder.c - the careful way, and the gate. */
#include "memtrace/recorder.h"

#include <errno.h>
#include <sched.h>

#include "core/base/clock.h"
#include "memtrace/refs.h"

struct pt_recorder pt_recorder;

void
pt_recorder_pause(void)
{
    atomic_store(&pt_recorder.on, 0);
    pt_context_close();
    while (atomic_load(&pt_recorder.inside) != 0) {
        sched_yield();
    }
}

void
pt_recorder_after_fork_child(void)
{
    // Whoever was in the gate is not in this process.
    atomic_store(&pt_recorder.inside, 0);
}

void
pt_recorder_resume(void)
{
    pt_context_open();
    atomic_store(&pt_recorder.on, 1);
}

/* Count an allocation that could not be recorded. */
PT_COLD static void
drop(void)
{
    atomic_fetch_add_explicit(&pt_recorder.pairs.process->dropped_blocks, 1,
                              memory_order_relaxed);
}

/* Node of the calling thread, whichever GIL it holds or does not. */
static uint32_t
capture(void)
{
    const PyThreadState *own = PyGILState_GetThisThreadState();
    const PyThreadState *thread = pt_thread_attached();
    int holds_gil = thread != NULL && thread == own &&
                    thread->interp == PyInterpreterState_Main();

    return pt_context_careful(own, holds_gil ? PT_WITH_GIL : PT_WITHOUT_GIL);
}

/* The pair that stands for what was found in a table, or 0. */
static uint32_t
pair_of(uint32_t content)
{
    return content < PT_SLOT_UNOWNED ? content : 0;
}

/* Of all blocks of a pair: the moments of their deaths less those of their
 * births. */
static void
add_moment(enum pt_event_code code, uint32_t id)
{
    _Atomic uint64_t *sum = pt_array_at(pt_recorder.lifetimes, id);
    uint64_t ns = pt_clock_ns() - pt_recorder.pairs.process->start_ns;

    atomic_fetch_add_explicit(sum, code == PT_EVENT_FREE ? ns : -ns,
                              memory_order_relaxed);
}

void
pt_recorder_tell(enum pt_event_code code, uint32_t id)
{
    const struct pt_pair *pair = pt_pairs_at(&pt_recorder.pairs, id);

    if (pt_recorder.lifetimes != NULL) {
        add_moment(code, id);
    }
    if (pt_recorder.stream == NULL) {
        return;
    }
    if (pair->care & PT_CARE_ATOMIC) {
        pt_stream_block_free(&pt_recorder.stream[PT_STREAM_FREE], code, id);
    }
    else {
        pt_stream_block(&pt_recorder.stream[PT_STREAM_GIL], code, id);
    }
}

void
pt_recorder_tell_to(struct pt_timeline *timeline)
{
    uint32_t wanted = timeline != NULL ? timeline->header->wanted : 0;

    pt_recorder.stream = wanted & PT_WANT_ALLOC_EVENTS ? timeline->stream
                                                       : NULL;
    pt_recorder.lifetimes = wanted & PT_WANT_LIFETIME
                                ? &timeline->array[PT_SEGMENT_LIFETIME]
                                : NULL;
    pt_recorder.is_told = pt_recorder.stream != NULL ||
                          pt_recorder.lifetimes != NULL;
}

/* Put `id` in a block's place. What was there dies: it was freed where we
 * could not see it, as between a fork's two halves. 0, or -1. */
static int
put(uintptr_t block, uint32_t domain, size_t bytes, uint32_t id)
{
    uint32_t old = 0;
    int code;

    if (domain == PT_DOMAIN_RAW && !pt_shadow_refuses(block)) {
        code = pt_blocktable_put(&pt_recorder.blocks, block, bytes, id, &old);
    }
    else {
        code = pt_blockmap_put(&pt_recorder.others, block, domain, id, &old);
    }
    if (pair_of(old) != 0) {
        pt_recorder_died(old);
    }
    return code == PT_OK ? 0 : -1;
}

void
pt_recorder_file_slow(uintptr_t block, uint32_t domain, size_t bytes)
{
    struct pt_pairs *pairs = &pt_recorder.pairs;
    int saved_errno = errno;
    uint32_t node = capture();
    uint32_t id;
    struct pt_pair *pair = pt_pairs_find(pairs, node, bytes, domain, &id);

    if (pair == NULL) {
        pair = pt_pairs_make_slow(pairs, node, bytes, domain, &id);
    }
    if (pair != NULL && put(block, domain, bytes, id) == 0) {
        pt_pairs_born_slow(pairs, pair);
        if (pt_recorder.is_told) {
            pt_recorder_tell(PT_EVENT_ALLOC, id);
        }
    }
    else {
        drop();
    }
    errno = saved_errno;
}

uint32_t
pt_recorder_forget_slow(uintptr_t block, uint32_t domain)
{
    if (domain == PT_DOMAIN_RAW && !pt_shadow_refuses(block)) {
        return pair_of(pt_blocktable_take(&pt_recorder.blocks, block));
    }
    return pt_blockmap_take(&pt_recorder.others, block, domain);
}

uint32_t
pt_recorder_forget(void *block)
{
    uintptr_t address = (uintptr_t)block;
    uint32_t id = 0;

    if (!pt_shadow_refuses(address)) {
        return pair_of(pt_blocktable_take(&pt_recorder.blocks, address));
    }
    if (pt_recorder_enter()) {
        id = pt_blockmap_take(&pt_recorder.others, address, PT_DOMAIN_RAW);
        pt_recorder_leave();
    }
    return id;
}

void
pt_recorder_restore(uintptr_t block, uint32_t domain, uint32_t id)
{
    size_t bytes = pt_pairs_at(&pt_recorder.pairs, id)->size_bytes;

    if (put(block, domain, bytes, id) != 0) {
        pt_recorder_died(id);
        drop();
    }
}

uint32_t
pt_recorder_find(uintptr_t block, uint32_t domain)
{
    if (domain == PT_DOMAIN_RAW && !pt_shadow_refuses(block)) {
        return pair_of(pt_blocktable_get(&pt_recorder.blocks, block));
    }
    return pt_blockmap_get(&pt_recorder.others, block, domain);
}

PT_COLD void
pt_recorder_file_gated(void *block, size_t bytes)
{
    if (pt_recorder_enter()) {
        pt_recorder_file_slow((uintptr_t)block, PT_DOMAIN_RAW, bytes);
        pt_recorder_leave();
    }
}

static void
count_birth(const struct pt_site *site)
{
    if (pt_pairs_born(&pt_recorder.pairs, site->pair)) {
        pt_pairs_peak_slow(&pt_recorder.pairs);
    }
}

/* New pairs are made all along, but not often: a good time to look whether
 * somebody has put another tracer of references in place of ours. */
static void
look_after_refs(const struct pt_pairs *pairs)
{
    static uint32_t known;  // under the GIL
    uint32_t items =
        atomic_load_explicit(pairs->array->items, memory_order_relaxed);

    if (PT_HAS_REF_TRACER && pt_unlikely(items != known)) {
        known = items;
        pt_refs_repair();
    }
}

/* File a block under a site of our own thread, and count it; 0 when it cannot
 * be. */
static int
file_at_site(uintptr_t block, size_t bytes)
{
    const struct pt_site *site =
        pt_shadow_refuses(block) ? NULL : pt_context_site(bytes);

    if (site == NULL) {
        return 0;
    }
    pt_blocktable_prefer(&pt_recorder.blocks, block, bytes);
    if (put(block, PT_DOMAIN_RAW, bytes, site->id) != 0) {
        return 0;
    }
    count_birth(site);
    look_after_refs(&pt_recorder.pairs);
    return 1;
}

void *
pt_recorder_file_anew(void *block, size_t bytes)
{
    if (block != NULL && pt_recorder_listens()) {
        pt_guard_enter();
        if (file_at_site((uintptr_t)block, bytes)) {
            pt_recorder_made(block);
        }
        else {
            pt_recorder_file_gated(block, bytes);
        }
        pt_guard_leave();
    }
    return block;
}

void *
pt_recorder_file_peak(void *block)
{
    pt_pairs_peak_slow(&pt_recorder.pairs);
    return block;
}

void
pt_recorder_file_unowned(void *block, size_t bytes)
{
    const PyThreadState *thread = pt_thread_attached();

    if (PT_HAS_REF_TRACER && atomic_load(&pt_recorder.on) &&
        bytes <= PT_BLOCKTABLE_SMALL_BYTES &&
        !pt_shadow_refuses((uintptr_t)block) && thread != NULL &&
        thread->interp == pt_context.main) {
        (void)put((uintptr_t)block, PT_DOMAIN_RAW, bytes,
                  PT_SLOT_UNOWNED + (uint32_t)bytes);
    }
}

/* As pt_recorder_pass_on(), when it is not all as before. */
static void
pass_on_anew(uintptr_t block, uint32_t id)
{
    const struct pt_pair *old = NULL;
    const struct pt_site *site;

    if (id < PT_SLOT_UNOWNED) {
        old = pt_pairs_at(&pt_recorder.pairs, id);
        if (old->size_bytes > PT_BLOCKTABLE_SMALL_BYTES ||
            old->care & (PT_CARE_ATOMIC | PT_CARE_BASE)) {
            return;
        }
    }
    site =
        pt_context_site(old != NULL ? old->size_bytes : id - PT_SLOT_UNOWNED);
    if (site == NULL) {
        return;
    }
    pt_blocktable_change(&pt_recorder.blocks, block, site->id);
    if (old != NULL) {
        pt_recorder_move(id, site);
    }
    else {
        count_birth(site);
        if (pt_recorder.is_told) {
            pt_recorder_tell(PT_EVENT_ALLOC, site->id);
        }
    }
}

PT_COLD void
pt_recorder_pass_on_slow(void *block)
{
    uint32_t id;

    if (!pt_recorder_listens()) {
        return;
    }
    id = pt_blocktable_get(&pt_recorder.blocks, (uintptr_t)block);
    if (id == 0 || id == PT_SLOT_UNKNOWN) {
        // It is looked for first elsewhere than when it was marked.
        pt_blocktable_mark(&pt_recorder.blocks, (uintptr_t)block,
                           PT_SLOT_UNKNOWN);
    }
    else {
        pt_guard_enter();
        pass_on_anew((uintptr_t)block, id);
        pt_guard_leave();
    }
}
