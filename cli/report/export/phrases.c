/* SPDX-License-Identifier: MIT */
/* phrases.c - a table in which each key has one slot, kept by the latest. */
#include "cli/report/export/phrases.h"

#include "core/base/compiler.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

#define SLOTS PT_SIZE(1024u, 2u)

// A slot gives more room than this back: names may be of any length.
#define MOST_ROOM 4096u

struct pt_phrases {
    struct pt_phrase slot[SLOTS];
};

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

struct pt_phrases *
pt_phrases_new(void)
{
    return pt_rawmem_array(1, sizeof(struct pt_phrases));
}

struct pt_phrase *
pt_phrases_seek(struct pt_phrases *phrases, uint64_t key)
{
    struct pt_phrase *phrase = &phrases->slot[pt_hash_slot(key, SLOTS)];

    if (key == 0 || phrase->key != key) {
        empty(phrase);
        phrase->key = key;
    }
    return phrase;
}

void
pt_phrases_clear(struct pt_phrases *phrases)
{
    for (size_t i = 0; i < SLOTS; i++) {
        empty(&phrases->slot[i]);
    }
}

void
pt_phrases_free(struct pt_phrases *phrases)
{
    for (size_t i = 0; phrases != NULL && i < SLOTS; i++) {
        pt_buf_release(&phrases->slot[i].text);
    }
    pt_rawmem_free(phrases);
}
