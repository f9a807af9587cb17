/* SPDX-License-Identifier: MIT */
/* recorder.c - the careful way, and the gate. */
#include "memtrace/recorder.h"

#include <errno.h>
#include <sched.h>

struct pt_recorder pt_recorder;

void
pt_recorder_pause(void)
{
    atomic_store(&pt_recorder.on, 0);
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
    atomic_store(&pt_recorder.on, 1);
}

PT_COLD void
pt_recorder_drop(void)
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
    int holds_gil =
        thread != NULL && thread == own && thread->interp == pt_recorder.main;

    return pt_context_careful(own, holds_gil ? PT_WITH_GIL : PT_WITHOUT_GIL);
}

/* Put `id` in a block's place; what was there dies. 0, or -1. */
static int
put(uintptr_t block, uint32_t domain, uint32_t id)
{
    pt_shadow_slot *slot = NULL;
    uint32_t old = 0;

    if (domain == PT_DOMAIN_RAW) {
        slot = pt_shadow_make(&pt_recorder.shadow, block);
    }
    if (slot != NULL) {
        old = pt_shadow_get(slot);
        pt_shadow_set(slot, id);
    }
    else if (pt_blockmap_put(&pt_recorder.others, block, domain, id, &old) !=
             PT_OK) {
        return -1;
    }
    if (old != 0) {
        pt_recorder_died(old);
    }
    return 0;
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
    if (pair != NULL && put(block, domain, id) == 0) {
        pt_pairs_born_slow(pairs, pair);
    }
    else {
        pt_recorder_drop();
    }
    errno = saved_errno;
}

uint32_t
pt_recorder_forget_slow(uintptr_t block, uint32_t domain)
{
    if (domain == PT_DOMAIN_RAW &&
        pt_shadow_find(&pt_recorder.shadow, block) != NULL) {
        return pt_recorder_forget((void *)block);
    }
    return pt_blockmap_take(&pt_recorder.others, block, domain);
}

void
pt_recorder_restore(uintptr_t block, uint32_t domain, uint32_t id)
{
    if (put(block, domain, id) != 0) {
        pt_recorder_died(id);
        pt_recorder_drop();
    }
}

uint32_t
pt_recorder_find(uintptr_t block, uint32_t domain)
{
    const pt_shadow_slot *slot = NULL;

    if (domain == PT_DOMAIN_RAW) {
        slot = pt_shadow_find(&pt_recorder.shadow, block);
    }
    return slot != NULL ? pt_shadow_get(slot)
                        : pt_blockmap_get(&pt_recorder.others, block, domain);
}

PT_COLD void
pt_recorder_file_gated(void *block, size_t bytes)
{
    if (pt_recorder_enter()) {
        pt_recorder_file_slow((uintptr_t)block, PT_DOMAIN_RAW, bytes);
        pt_recorder_leave();
    }
}
