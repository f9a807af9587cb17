/* SPDX-License-Identifier: MIT */
/* tally.h - how often each key was met, in the order of first meetings.
 *
 * Keys are words that the caller makes of two ids. An entry stands in an array
 * in the order in which keys came; a table of slots finds it. Counting a known
 * key costs one slot and its entry.
 */
#ifndef PT_CORE_BASE_TALLY_H
#define PT_CORE_BASE_TALLY_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/base/hash.h"

struct pt_tally_entry {
    uint64_t key;
    uint64_t count;
};

/* entry[0] is not used; slots hold the number of an entry, or 0. `room` is a
 * power of two and there are twice as many slots, so that one is always
 * empty. Written by one thread at a time. */
struct pt_tally {
    struct pt_tally_entry *entry;
    uint32_t *slot;
    uint32_t used;  // entries, entry[0] included
    uint32_t room;
    uint64_t dropped;  // for which there was no memory
};

/* Make an empty tally. PT_ERR_NOMEM leaves nothing to release. Not
 * hook-safe. */
PT_MUST_CHECK int pt_tally_init(struct pt_tally *tally);

/* Free all. Harmless on a released tally. Not hook-safe. */
void pt_tally_release(struct pt_tally *tally);

/* Add `count` to a key that has no entry yet; without memory for one that is
 * dropped, and counted. Owner thread only; not hook-safe. */
void pt_tally_add_slow(struct pt_tally *tally, uint64_t key, uint64_t count);

/* Two ids as one key. */
PT_INLINE uint64_t
pt_tally_key(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

/* Add `count`, which may be 0, to a key. Owner thread only. */
PT_INLINE void
pt_tally_add(struct pt_tally *tally, uint64_t key, uint64_t count)
{
    uint32_t mask = tally->room * 2 - 1;
    uint32_t at = (uint32_t)(pt_hash_pair(key, 0) >> 32);

    for (;; at++) {
        uint32_t number = tally->slot[at & mask];

        if (pt_unlikely(number == 0)) {
            pt_tally_add_slow(tally, key, count);
            return;
        }
        if (pt_likely(tally->entry[number].key == key)) {
            tally->entry[number].count += count;
            return;
        }
    }
}

#endif
