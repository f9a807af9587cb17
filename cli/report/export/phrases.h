/* SPDX-License-Identifier: MIT */
/* phrases.h - what is written of items that are alike, made once.
 *
 * Items of a timeline that have the same key differ in their time alone. Of
 * those of late the bytes are kept, and where the time belongs; a timeline of
 * millions of calls and blocks has few kinds of them.
 *
 *     phrase = pt_phrases_seek(&phrases, item->key);
 *     if (phrase->text.used == 0) {
 *         ... fill in phrase->text and phrase->cut ...
 *     }
 *     ... write the text up to the cut, the time, the rest ...
 *
 * Not for use by several threads at once.
 */
#ifndef PT_CLI_REPORT_EXPORT_PHRASES_H
#define PT_CLI_REPORT_EXPORT_PHRASES_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/compiler.h"

#define PT_PHRASES PT_SIZE(1024u, 2u)

struct pt_phrase {
    uint64_t key;
    size_t cut;  // bytes of `text` that stand before the time
    struct pt_buf text;
};

/* Begins as zeros. */
struct pt_phrases {
    struct pt_phrase slot[PT_PHRASES];
};

/* The phrase of a key, without text if it is to be made (anew); that of 0
 * always is. Good until the next one is sought. */
struct pt_phrase *pt_phrases_seek(struct pt_phrases *phrases, uint64_t key);

/* Forget all: keys mean other items from now on. */
void pt_phrases_clear(struct pt_phrases *phrases);

/* Give the texts back. */
void pt_phrases_release(struct pt_phrases *phrases);

#endif
