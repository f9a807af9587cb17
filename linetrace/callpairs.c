/* SPDX-License-Identifier: MIT */
/* callpairs.c - see callpairs.h. */
#include "linetrace/callpairs.h"

#include "core/base/hash.h"
#include "core/base/idmap.h"
#include "linetrace/hits.h"

static struct pt_timeline *timeline;
static struct pt_idmap pairs;  // to items of PT_SEGMENT_CALL

// The pair counted last and its two counters.
static struct {
    uint32_t caller, callee;
    uint64_t *counter;
} latest;

int
pt_callpairs_start(struct pt_catalog *catalog)
{
    timeline = catalog->timeline;
    return pt_idmap_init(&pairs);
}

static const struct pt_call *
call_at(uint32_t id)
{
    return pt_array_at(&timeline->array[PT_SEGMENT_CALL], id);
}

/* A new item, or 0. */
static uint32_t
add(uint32_t caller, uint32_t callee, uint64_t hash)
{
    uint32_t counter = pt_timeline_append(timeline, PT_SEGMENT_COUNTER, 2);
    uint32_t id =
        counter != 0 ? pt_timeline_append(timeline, PT_SEGMENT_CALL, 1) : 0;

    if (id == 0 || pt_idmap_insert(&pairs, hash, id) != PT_OK) {
        return 0;
    }
    *(struct pt_call *)pt_array_at(&timeline->array[PT_SEGMENT_CALL], id) =
        (struct pt_call){caller, callee, counter, 0};
    return id;
}

PT_COLD static int
find_slow(uint32_t caller, uint32_t callee)
{
    uint64_t hash = pt_hash_pair(caller, callee);
    struct pt_idmap_walk walk;
    uint32_t id = pt_idmap_first(&pairs, hash, &walk);

    while (id != 0 &&
           (call_at(id)->caller != caller || call_at(id)->callee != callee)) {
        id = pt_idmap_next(&walk);
    }
    if (id == 0) {
        id = add(caller, callee, hash);
    }
    if (id == 0) {
        return 0;
    }
    latest.caller = caller;
    latest.callee = callee;
    latest.counter = pt_array_at(&timeline->array[PT_SEGMENT_COUNTER],
                                 call_at(id)->counter);
    return 1;
}

void
pt_callpairs_count(uint32_t caller, uint32_t callee, enum pt_callpairs_how how)
{
    if (pt_unlikely(latest.counter == NULL || latest.caller != caller ||
                    latest.callee != callee)) {
        if (!find_slow(caller, callee)) {
            pt_hits_drop_slow();
            return;
        }
    }
    latest.counter[how]++;
}
