/* SPDX-License-Identifier: MIT */
/* forked.c - the tracker around fork(). */
#include "native/tracker.h"
#include "native/unwind.h"

void
pt_tracker_before_fork(void)
{
    // Other handlers of fork() may allocate while we, and then the allocator,
    // have all locks.
    pt_native_at = PT_AT_ALLOCATOR;
    pt_unwind_before_fork();
    pthread_mutex_lock(&pt_tracker.lock);
}

void
pt_tracker_after_fork_parent(void)
{
    pthread_mutex_unlock(&pt_tracker.lock);
    pt_unwind_after_fork();
    pt_native_at = PT_AT_PROGRAM;
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
    pt_native_at = PT_AT_PROGRAM;
    atomic_store_explicit(&pt_tracker.on, !pt_tracker.is_finished,
                          memory_order_release);
}
