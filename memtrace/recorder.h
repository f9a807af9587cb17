/* SPDX-License-Identifier: MIT */
/* recorder.h - filing a block under its pair, and forgetting it.
 *
 * One for the process. The plain path is for threads that hold the main
 * interpreter's GIL: it writes counts without atomics and needs no protection
 * from being stopped, which takes that GIL too. Everybody else goes through
 * the gate: pt_recorder_pause() returns when nobody is inside any more, and
 * nobody enters while `on` is 0.
 */
#ifndef PT_MEMTRACE_RECORDER_H
#define PT_MEMTRACE_RECORDER_H

#include "core/py/compat.h"

#include <stdatomic.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/py/guard.h"
#include "memtrace/blockmap.h"
#include "memtrace/blocktable.h"
#include "memtrace/context.h"
#include "memtrace/pair.h"

/* In the slot of a block that the tool asked for, with the block's size in
 * place of a pair: an object in it may go to a free list and from there to the
 * program. */
#define PT_SLOT_UNOWNED PT_PAIRS_MAX

/* In the slot of a block that was not recorded, once an object in it came off
 * a free list: so that it need not be looked for each time. */
#define PT_SLOT_UNKNOWN (PT_BLOCKTABLE_IDS - 1)

struct pt_recorder {
    atomic_int on;
    void *last_block;  // the object last allocated, if not made yet
    struct pt_blocktable blocks;
    struct pt_pairs pairs;
    struct pt_blockmap others;  // of other domains, and at odd addresses
    int is_told;  // of each birth and death is told, to one or both of these:
    struct pt_stream *stream;
    const struct pt_array *lifetimes;
    atomic_int inside;  // threads in the gate
};

extern struct pt_recorder pt_recorder;

/* Keep everyone out, then wait for those inside; let them in again. Needs the
 * GIL; the tables may be changed in between. */
void pt_recorder_pause(void);
void pt_recorder_resume(void);

/* In a forked child. */
void pt_recorder_after_fork_child(void);

/* File a block in the careful way: by any thread, of any domain. The caller is
 * in the gate. Hook-safe. */
void pt_recorder_file_slow(uintptr_t block, uint32_t domain, size_t bytes);

/* Forget a block of any domain; the id of its pair, or 0. The caller is in the
 * gate. Hook-safe. */
uint32_t pt_recorder_forget_slow(uintptr_t block, uint32_t domain);

/* File a block again that was forgotten but not freed after all. The caller is
 * in the gate, or the block is of MEM or OBJ. Hook-safe. */
void pt_recorder_restore(uintptr_t block, uint32_t domain, uint32_t id);

/* The pair that a block is filed under, or 0. Needs the GIL. */
uint32_t pt_recorder_find(uintptr_t block, uint32_t domain);

/* Note a block of MEM or OBJ that the tool asked for; does nothing where
 * nobody asks for it (refs.h). Hook-safe, with a GIL. */
void pt_recorder_file_unowned(void *block, size_t bytes);

/* As pt_recorder_file_slow, by a thread that is not in the gate yet. */
void pt_recorder_file_gated(void *block, size_t bytes);

/* Are blocks recorded, and are we not inside ourselves? Hook-safe. */
PT_INLINE int
pt_recorder_listens(void)
{
    return pt_likely(
               atomic_load_explicit(&pt_recorder.on, memory_order_relaxed)) &&
           !pt_guard_inside();
}

/* Enter the gate; 0 when it is closed. Hook-safe. Any thread. */
PT_INLINE int
pt_recorder_enter(void)
{
    atomic_fetch_add(&pt_recorder.inside, 1);
    if (pt_likely(atomic_load(&pt_recorder.on))) {
        return 1;
    }
    atomic_fetch_sub(&pt_recorder.inside, 1);
    return 0;
}

PT_INLINE void
pt_recorder_leave(void)
{
    atomic_fetch_sub_explicit(&pt_recorder.inside, 1, memory_order_release);
}

/* Tell whoever listens that a block of pair `id` was born or died; what takes
 * care may be of any thread. Hook-safe. */
void pt_recorder_tell(enum pt_event_code code, uint32_t id);

/* Have births and deaths told from now on as the timeline was asked to, or no
 * more if it is NULL. Needs the GIL; nobody is in the gate. */
void pt_recorder_tell_to(struct pt_timeline *timeline);

/* Count the end of a block of pair `id`, and tell it. Hook-safe. */
PT_INLINE void
pt_recorder_died(uint32_t id)
{
    struct pt_pair *pair = pt_pairs_at(&pt_recorder.pairs, id);

    if (pt_likely(pair->care == 0)) {
        pt_pairs_died(&pt_recorder.pairs, pair);
    }
    else {
        pt_pairs_died_slow(&pt_recorder.pairs, pair);
    }
    if (pt_unlikely(pt_recorder.is_told)) {
        pt_recorder_tell(PT_EVENT_FREE, id);
    }
}

/* The pair of a block of MEM or OBJ that was counted without being told, or 0.
 * Hook-safe, with a GIL. */
PT_INLINE uint32_t
pt_recorder_untold(const void *block)
{
    uint32_t id = pt_blocktable_get(&pt_recorder.blocks, (uintptr_t)block);

    if (id == 0 || id >= PT_SLOT_UNOWNED ||
        pt_pairs_at(&pt_recorder.pairs, id)->care & PT_CARE_ATOMIC) {
        return 0;
    }
    return id;
}

/* Take a block of MEM or OBJ out of the tables; the id of its pair, or 0.
 * Hook-safe, with a GIL. */
uint32_t pt_recorder_forget(void *block);

/* Forget a small block that is where it is looked for first, and count its
 * end; false, and nothing done, if it is another block. Hook-safe, with a GIL.
 * Budget: 45 instructions. */
PT_INLINE int
pt_recorder_end(void *block)
{
    struct pt_pairs *pairs = &pt_recorder.pairs;
    pt_shadow_slot *slot = pt_blocktable_slot(
        &pt_recorder.blocks, (uintptr_t)block, PT_BLOCKTABLE_ANY);
    struct pt_pair *pair;
    uint32_t id;

    if (pt_unlikely(slot == NULL)) {
        return 0;
    }
    id = pt_blocktable_id((uintptr_t)block, pt_shadow_get(slot));
    if (pt_unlikely(id == 0 || id >= PT_SLOT_UNOWNED)) {
        return 0;
    }
    pair = pt_pairs_at(pairs, id);
    if (pt_unlikely(pair->care != 0)) {
        return 0;
    }
    pt_shadow_set(slot, 0);
    pt_pairs_died(pairs, pair);
    return 1;
}

/* Note which block was allocated last, where somebody asks (refs.h). */
PT_INLINE void
pt_recorder_made(void *block)
{
    if (PT_HAS_REF_TRACER) {
        pt_recorder.last_block = block;
    }
}

/* File a block of MEM or OBJ, if it is not NULL and the recorder is on; it is
 * returned. Hook-safe, with a GIL, not inside ourselves. Budget: 60
 * instructions and 7 a frame. */
PT_NOINLINE void *pt_recorder_file_anew(void *block, size_t bytes);
void *pt_recorder_file_peak(void *block);

PT_INLINE void *
pt_recorder_file(void *block, size_t bytes)
{
    const struct pt_site *site;
    pt_shadow_slot *slot;

    if (pt_unlikely(bytes > PT_BLOCKTABLE_SMALL_BYTES)) {
        return pt_recorder_file_anew(block, bytes);
    }
    site = pt_context_same_site(bytes);
    if (pt_unlikely(site == NULL)) {
        return pt_recorder_file_anew(block, bytes);
    }
    slot =
        pt_blocktable_slot(&pt_recorder.blocks, (uintptr_t)block, site->shift);
    if (pt_unlikely(slot == NULL || PT_OWN_GET32(slot) != 0)) {
        return pt_recorder_file_anew(block, bytes);
    }
    pt_shadow_set(slot, pt_blocktable_content((uintptr_t)block, site->id));
    pt_recorder_made(block);
    return pt_pairs_born(&pt_recorder.pairs, site->pair)
               ? pt_recorder_file_peak(block)
               : block;
}

/* Count that a block goes from pair `id` to another: totals and peak do not
 * move. */
PT_INLINE void
pt_recorder_move(uint32_t id, const struct pt_site *site)
{
    const struct pt_process *process = pt_recorder.pairs.process;

    if (site->id != id) {
        struct pt_pair *old = pt_pairs_at(&pt_recorder.pairs, id);

        pt_pairs_save_plain(process, old);
        pt_pairs_save_plain(process, site->pair);
        PT_OWN_ADD(&old->live, -1);
        PT_OWN_ADD(&site->pair->live, 1);
    }
    PT_OWN_ADD(&site->pair->allocated, 1);
    if (pt_unlikely(pt_recorder.is_told)) {
        pt_recorder_tell(PT_EVENT_FREE, id);
        pt_recorder_tell(PT_EVENT_ALLOC, site->id);
    }
}

/* A new object of the program stands in a block that was not allocated for it,
 * but came off a free list. Hook-safe, with the GIL. */
void pt_recorder_pass_on_slow(void *block);

PT_INLINE void
pt_recorder_pass_on(void *block)
{
    pt_shadow_slot *slot = pt_blocktable_slot(
        &pt_recorder.blocks, (uintptr_t)block, PT_BLOCKTABLE_ANY);
    uint32_t id = slot != NULL
                      ? pt_blocktable_id((uintptr_t)block, pt_shadow_get(slot))
                      : 0;
    const struct pt_site *site = NULL;
    const struct pt_pair *pair;

    if (id == PT_SLOT_UNKNOWN) {
        return;
    }
    if (pt_likely(id != 0 && id < PT_SLOT_UNOWNED && !pt_guard_inside())) {
        pair = pt_pairs_at(&pt_recorder.pairs, id);
        if (pt_likely(pair->care == 0)) {
            site = pt_context_same_site(pair->size_bytes);
        }
    }
    if (pt_unlikely(site == NULL)) {
        pt_recorder_pass_on_slow(block);
        return;
    }
    pt_shadow_set(slot, pt_blocktable_content((uintptr_t)block, site->id));
    pt_recorder_move(id, site);
}

#endif
