/* SPDX-License-Identifier: MIT */
/* suggest.h - the word that was probably meant. */
#ifndef PT_CLI_OPTIONS_SUGGEST_H
#define PT_CLI_OPTIONS_SUGGEST_H

#include <stddef.h>

/* How many letters must be put in, left out, changed or swapped with their
 * neighbour to make `b` of `a`; words over 31 letters are far from all. */
size_t pt_suggest_distance(const char *a, const char *b);

/* The one of `count` words that is nearest to `word`, or NULL when none is
 * near enough to be meant. A beginning of a word is near to it. */
const char *pt_suggest(const char *word, const char *const *known,
                       size_t count);

#endif
