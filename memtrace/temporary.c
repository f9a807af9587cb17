/* SPDX-License-Identifier: MIT */
/* temporary.c - hooks that remember one block for each thread.
 *
 * A block that is resized ends, and the new one is allocated after that: so
 * what grows step by step is temporary but for the last step. What the tool
 * allocates is not seen; nor are objects that go to a free list or come off
 * one.
 */
#include "memtrace/temporary.h"

#include "memtrace/hookset.h"
#include "memtrace/latest.h"
#include "memtrace/recorder.h"

static struct pt_hookset set;
static const struct pt_array *counts;  // NULL: not started

/* The pair of a block that is about to end, if it is temporary; or 0. */
static uint32_t
pair_of(const void *block)
{
    uint32_t id = 0;

    if (block != NULL && pt_latest_end(block) && pt_recorder_enter()) {
        id = pt_recorder_find((uintptr_t)block, PT_DOMAIN_RAW);
        pt_recorder_leave();
    }
    return id;
}

static void
count(uint32_t id)
{
    _Atomic uint64_t *temporary;

    if (id != 0) {
        temporary = pt_array_at(counts, id);
        atomic_fetch_add_explicit(temporary, 1, memory_order_relaxed);
    }
}

static void *
note(void *block)
{
    if (block != NULL && pt_recorder_listens()) {
        pt_latest_note(block);
    }
    else {
        pt_hookset_here(&set);
    }
    return block;
}

static void *
resize(const PyMemAllocatorEx *inner, void *old, size_t bytes)
{
    uint32_t id = pair_of(old);
    void *block = inner->realloc(inner->ctx, old, bytes);

    if (block != NULL) {
        count(id);
        return note(block);
    }
    if (id != 0) {
        pt_latest_note(old);
    }
    return NULL;
}

// -- MEM and OBJ -------------------------------------------------------------

static void *
gil_malloc(void *context, size_t bytes)
{
    const PyMemAllocatorEx *inner = context;

    return note(inner->malloc(inner->ctx, bytes));
}

static void *
gil_calloc(void *context, size_t items, size_t item_bytes)
{
    const PyMemAllocatorEx *inner = context;

    return note(inner->calloc(inner->ctx, items, item_bytes));
}

static void *
gil_realloc(void *context, void *old, size_t bytes)
{
    return resize(context, old, bytes);
}

static void
gil_free(void *context, void *block)
{
    const PyMemAllocatorEx *inner = context;

    count(pair_of(block));
    inner->free(inner->ctx, block);
}

// -- RAW ---------------------------------------------------------------------
//
// The context is not looked at, for the reason that hooks.c gives.

static void *
raw_malloc(void *context, size_t bytes)
{
    (void)context;
    return gil_malloc(&set.inner[PT_HOOK_RAW], bytes);
}

static void *
raw_calloc(void *context, size_t items, size_t item_bytes)
{
    (void)context;
    return gil_calloc(&set.inner[PT_HOOK_RAW], items, item_bytes);
}

static void *
raw_realloc(void *context, void *old, size_t bytes)
{
    (void)context;
    return resize(&set.inner[PT_HOOK_RAW], old, bytes);
}

static void
raw_free(void *context, void *block)
{
    (void)context;
    gil_free(&set.inner[PT_HOOK_RAW], block);
}

int
pt_temporary_start(struct pt_timeline *timeline)
{
    if (pt_latest_start() != PT_OK) {
        return PT_ERR_NOMEM;
    }
    counts = &timeline->array[PT_SEGMENT_TEMPORARY];
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
    return PT_OK;
}

int
pt_temporary_repair(void)
{
    return counts != NULL ? pt_hookset_repair(&set) : 0;
}

void
pt_temporary_stop(void)
{
    if (counts != NULL) {
        pt_hookset_remove(&set);
    }
}
