/* SPDX-License-Identifier: MIT */
/* fork.c - what happens to a timeline when the process forks.
 *
 * Mappings of the recording are shared, so without a move the child would
 * count into its parent's extents. The parent may count on while the child is
 * still moving; so what must be of the instant of the fork, the process record
 * and the live counts, is copied before it.
 */
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/rawmem.h"
#include "core/timeline/extent.h"
#include "core/timeline/timeline.h"

static void
copy_live_counts(struct pt_timeline *timeline)
{
    struct pt_array *pairs = &timeline->array[PT_SEGMENT_PAIR];
    uint32_t used = atomic_load(pairs->items);
    size_t bytes = ((size_t)used * sizeof(int64_t) + 0xffff) & ~(size_t)0xffff;

    if (bytes > timeline->live_at_fork_bytes) {
        pt_rawmem_unmap(timeline->live_at_fork, timeline->live_at_fork_bytes);
        timeline->live_at_fork = pt_rawmem_map(bytes);
        timeline->live_at_fork_bytes = timeline->live_at_fork != NULL ? bytes
                                                                      : 0;
    }
    if (timeline->live_at_fork == NULL) {
        pt_timeline_trouble(timeline, PT_TROUBLE_MEMORY);
        return;
    }
    for (uint32_t i = 0; i < used; i++) {
        const struct pt_pair *pair = pt_array_at(pairs, i);

        timeline->live_at_fork[i] =
            atomic_load_explicit(&pair->live, memory_order_relaxed);
    }
}

/* By words, as threads without the GIL may count in the record meanwhile. */
static void
copy_record(struct pt_process *copy, const struct pt_process *record)
{
    const _Atomic uint64_t *from = (const void *)record;
    char *to = (char *)copy;

    static_assert(sizeof(*record) % sizeof(*from) == 0, "whole words");
    for (size_t i = 0; i < sizeof(*record) / sizeof(*from); i++) {
        uint64_t word = atomic_load_explicit(&from[i], memory_order_relaxed);

        memcpy(to + i * sizeof(word), &word, sizeof(word));
    }
}

void
pt_timeline_before_fork(struct pt_timeline *timeline)
{
    // In this order: an event may have to seal a page, and that to take an
    // extent.
    for (uint32_t i = 0; i < PT_STREAMS; i++) {
        pt_stream_before_fork(&timeline->stream[i]);
    }
    pt_seal_before_fork(&timeline->events);
    pt_seal_before_fork(&timeline->sealed);
    pt_lock_before_fork(&timeline->lock);
    if (atomic_load(timeline->array[PT_SEGMENT_PAIR].items) > 1) {
        copy_live_counts(timeline);
    }
    copy_record(&timeline->process_at_fork, timeline->process);
    // Now, so that whoever sees us gone knows that somebody will come.
    timeline->number_at_fork =
        atomic_fetch_add(&timeline->header->processes, 1);
}

void
pt_timeline_after_fork_parent(struct pt_timeline *timeline)
{
    pt_lock_after_fork_parent(&timeline->lock);
    pt_seal_after_fork_parent(&timeline->sealed);
    pt_seal_after_fork_parent(&timeline->events);
    for (uint32_t i = 0; i < PT_STREAMS; i++) {
        pt_stream_after_fork_parent(&timeline->stream[i]);
    }
}

/* Clear what the parent appended between the fork and our copy. */
static void
clear_tail(struct pt_array *array)
{
    uint32_t chunk_items = UINT32_C(1) << array->chunk_shift;
    uint32_t used = atomic_load(array->items);

    for (uint32_t i = used >> array->chunk_shift; i < array->chunks; i++) {
        uint32_t first = i * chunk_items;
        uint32_t skip = used > first ? used - first : 0;

        memset(atomic_load(&array->chunk[i]) +
                   (size_t)skip * array->item_bytes,
               0, (size_t)(chunk_items - skip) * array->item_bytes);
    }
}

static int
move_array(struct pt_timeline *timeline, enum pt_segment segment)
{
    struct pt_array *array = &timeline->array[segment];
    size_t chunk_bytes = (size_t)array->item_bytes << array->chunk_shift;

    for (uint32_t i = 0; i < array->chunks; i += array->run[i]) {
        char *payload = atomic_load(&array->chunk[i]);
        int code =
            pt_extent_replace(timeline, segment, i << array->chunk_shift,
                              payload, payload, array->run[i] * chunk_bytes);

        if (code != PT_OK) {
            return code;
        }
    }
    clear_tail(array);
    return PT_OK;
}

static void
restart_column(struct pt_array *array)
{
    for (uint32_t i = 1; i < atomic_load(array->items); i++) {
        *(uint64_t *)pt_array_at(array, i) = 0;
    }
}

static void
restart_counts(struct pt_timeline *timeline)
{
    struct pt_array *counters = &timeline->array[PT_SEGMENT_COUNTER];
    struct pt_array *pairs = &timeline->array[PT_SEGMENT_PAIR];

    for (uint32_t i = 0; i < atomic_load(counters->items); i++) {
        uint64_t *counter = pt_array_at(counters, i);

        *counter &= PT_COUNTER_EXECUTABLE;
    }
    for (uint32_t i = 0; i < atomic_load(pairs->items); i++) {
        struct pt_pair *pair = pt_array_at(pairs, i);

        // Without a copy the parent's count of a moment later is the best.
        pair->inherited = timeline->live_at_fork != NULL
                              ? timeline->live_at_fork[i]
                              : atomic_load(&pair->live);
        atomic_store(&pair->live, pair->inherited);
        atomic_store(&pair->allocated, 0);
        pair->epoch = 0;
    }
    restart_column(&timeline->array[PT_SEGMENT_TEMPORARY]);
    restart_column(&timeline->array[PT_SEGMENT_LIFETIME]);
}

/* Give the process a record of its own, unpublished: until the counts are
 * restarted a reader would add the parent's figures once more. */
static int
move_process(struct pt_timeline *timeline)
{
    struct pt_process *process = timeline->process;
    struct pt_extent *extent =
        (struct pt_extent *)((char *)process - sizeof(struct pt_extent));
    int code =
        pt_extent_replace(timeline, PT_SEGMENT_PROCESS, 0, (char *)process,
                          &timeline->process_at_fork, sizeof(*process));

    if (code != PT_OK) {
        return code;
    }
    process->parent = process->number;
    process->number = extent->process;
    process->pid = (uint32_t)getpid();
    process->start_ns = pt_clock_ns();
    process->end_ns = 0;
    process->tool_bytes = 0;
    atomic_store(&process->tool_mapped_bytes, pt_rawmem_mapped_bytes());
    atomic_store(&process->dropped_blocks, 0);
    atomic_store(&process->dropped_lines, 0);
    atomic_store(&process->dropped_sealed, 0);
    atomic_store(&process->dropped_events, 0);
    process->inherited_bytes = atomic_load(&process->traced_bytes) +
                               (uint64_t)atomic_load(&process->raw_bytes);
    process->peak_epoch = 1;
    atomic_store(&process->peak_bytes, process->inherited_bytes);
    return PT_OK;
}

static int
move_arrays(struct pt_timeline *timeline)
{
    int code = PT_OK;

    for (uint32_t i = PT_SEGMENT_TEXT; i < PT_SEGMENT_COUNT && code == PT_OK;
         i++) {
        code = move_array(timeline, i);
    }
    return code;
}

/* Take back what was copied: the parent tells of it. */
static void
forget_items(struct pt_timeline *timeline)
{
    for (uint32_t i = PT_SEGMENT_TEXT; i < PT_SEGMENT_COUNT; i++) {
        atomic_store(timeline->array[i].items, 0);
    }
}

int
pt_timeline_after_fork_child(struct pt_timeline *timeline)
{
    int code = move_process(timeline);

    if (code == PT_OK) {
        code = move_arrays(timeline);
        if (code == PT_OK) {
            restart_counts(timeline);
        }
        else {
            forget_items(timeline);
        }
        pt_extent_publish((char *)timeline->process);
    }
    if (code != PT_OK) {
        // When not even the record moved, the parent's must say it.
        pt_timeline_trouble(timeline, PT_TROUBLE_MEMORY);
    }
    pt_lock_after_fork_child(&timeline->lock);
    pt_seal_after_fork_child(&timeline->sealed);
    pt_seal_after_fork_child(&timeline->events);
    for (uint32_t i = 0; i < PT_STREAMS; i++) {
        pt_stream_after_fork_child(&timeline->stream[i], code == PT_OK);
    }
    return code;
}

static int
isolate_array(struct pt_array *array)
{
    size_t chunk_bytes = (size_t)array->item_bytes << array->chunk_shift;

    for (uint32_t at = 0; at < array->chunks; at += array->run[at]) {
        int code = pt_extent_isolate(atomic_load(&array->chunk[at]),
                                     array->run[at] * chunk_bytes);

        if (code != PT_OK) {
            return code;
        }
    }
    // Items that others point to must stay inside the array.
    atomic_store(array->items, array->chunks << array->chunk_shift);
    return PT_OK;
}

int
pt_timeline_isolate(struct pt_timeline *timeline)
{
    int code = pt_extent_isolate((char *)timeline->process,
                                 sizeof(struct pt_process));

    timeline->fd = -1;
    for (uint32_t i = 0; i < PT_STREAMS; i++) {
        pt_stream_cut(&timeline->stream[i]);
    }
    for (uint32_t i = PT_SEGMENT_TEXT; i < PT_SEGMENT_COUNT && code == PT_OK;
         i++) {
        code = isolate_array(&timeline->array[i]);
    }
    return code;
}
