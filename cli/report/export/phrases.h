/* SPDX-License-Identifier: MIT */
/* phrases.h - a cache of what is written of a timeline's items.
 *
 * Items with the same key differ in their time alone. The bytes of the latest
 * of them are kept, with the place where the time belongs: a timeline of
 * millions of calls and blocks has few different ones.
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

struct pt_phrase {
    uint64_t key;
    size_t cut;  // bytes of `text` that stand before the time
    struct pt_buf text;
};

struct pt_phrases;

/* An empty table, or NULL: out of memory. pt_phrases_free() it. */
struct pt_phrases *pt_phrases_new(void);

/* The phrase of a key, without text if it is not known, as that of key 0 never
 * is. Good until the next one is sought. */
struct pt_phrase *pt_phrases_seek(struct pt_phrases *phrases, uint64_t key);

/* Forget all: keys mean other items from now on. */
void pt_phrases_clear(struct pt_phrases *phrases);

/* Free the table with its texts. NULL is harmless. */
void pt_phrases_free(struct pt_phrases *phrases);

#endif
