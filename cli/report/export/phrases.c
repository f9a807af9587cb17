/* SPDX-License-Identifier: MIT */
/* phrases.c - a table with one place for each key, the latest keeps it. */
#include "cli/report/export/phrases.h"

#include "core/base/hash.h"

// Of text that is longer the room is not kept: names may be of any length.
#define MOST_ROOM 4096u

static void
empty(struct pt_phrase *phrase)
{
    if (phrase->text.room > MOST_ROOM) {
        pt_buf_release(&phrase->text);
    }
    pt_buf_reset(&phrase->text);
    phrase->key = 0;
    phrase->cut = 0;
}

struct pt_phrase *
pt_phrases_seek(struct pt_phrases *phrases, uint64_t key)
{
    struct pt_phrase *phrase = &phrases->slot[pt_hash_slot(key, PT_PHRASES)];

    if (key == 0 || phrase->key != key) {
        empty(phrase);
        phrase->key = key;
    }
    return phrase;
}

void
pt_phrases_clear(struct pt_phrases *phrases)
{
    for (size_t i = 0; i < PT_PHRASES; i++) {
        empty(&phrases->slot[i]);
    }
}

void
pt_phrases_release(struct pt_phrases *phrases)
{
    for (size_t i = 0; i < PT_PHRASES; i++) {
        pt_buf_release(&phrases->slot[i].text);
    }
}
