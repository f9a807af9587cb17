/* SPDX-License-Identifier: MIT */
/* unpickle.h - the plain values in a pickle, of protocols 2 to 5.
 *
 * Nothing is called and nothing is built but numbers, texts, bytes, tuples,
 * lists and dicts, and objects of the classes that tracemalloc's snapshots are
 * made of, which are their state and no more. Whatever else a pickle may ask
 * for is refused by name.
 */
#ifndef PT_CLI_REPORT_SOURCE_UNPICKLE_H
#define PT_CLI_REPORT_SOURCE_UNPICKLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/error.h"

enum pt_plain_kind {
    PT_PLAIN_NONE,    // None, and what is of no interest: a float
    PT_PLAIN_NUMBER,  // int or bool
    PT_PLAIN_TEXT,
    PT_PLAIN_BYTES,
    PT_PLAIN_ROW,     // tuple or list
    PT_PLAIN_DICT,    // its items are keys and values in turn
    PT_PLAIN_CLASS,   // text: its name
    PT_PLAIN_OBJECT,  // item 0: its class, item 1, if there is one: its state
};

struct pt_plain {
    enum pt_plain_kind kind;
    uint32_t items;
    uint32_t room;
    int64_t number;
    const char *text;  // of the pickle: borrowed
    size_t bytes;
    struct pt_plain **item;
};

/* Read a pickle; the value is of the arena, and texts are of `data`.
 * PT_ERR_FORMAT with the reason in `err`, or PT_ERR_NOMEM. */
PT_MUST_CHECK int pt_unpickle(const char *data, size_t bytes,
                              struct pt_arena *arena, struct pt_plain **value,
                              struct pt_err *err);

/* The value of a text key in a dict; NULL if it has none, or is no dict. */
const struct pt_plain *pt_plain_get(const struct pt_plain *dict,
                                    const char *key);

#endif
