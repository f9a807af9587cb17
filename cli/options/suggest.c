/* SPDX-License-Identifier: MIT */
/* suggest.c - Damerau's distance, with three rows of a small table. */
#include "cli/options/suggest.h"

#include <stdint.h>
#include <string.h>

#define LETTERS_MAX 31u

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t
pt_suggest_distance(const char *a, const char *b)
{
    size_t row[3][LETTERS_MAX + 1] = {{0}};
    size_t a_length = strlen(a), b_length = strlen(b);

    if (a_length > LETTERS_MAX || b_length > LETTERS_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b_length; j++) {
        row[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *now = row[i % 3];
        const size_t *last = row[(i + 2) % 3];
        const size_t *before = row[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            now[j] = least(last[j - 1] + (a[i - 1] != b[j - 1]),
                           least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
    }
    return row[a_length % 3][b_length];
}

const char *
pt_suggest(const char *word, const char *const *known, size_t count)
{
    const char *nearest = NULL;
    size_t length = strlen(word);
    size_t limit = length < 4 ? 1 : length / 3;

    for (size_t i = 0; i < count; i++) {
        size_t distance = pt_suggest_distance(word, known[i]);

        if (length > 1 && strncmp(word, known[i], length) == 0) {
            distance = 0;
        }
        if (distance <= limit) {
            nearest = known[i];
            limit = distance != 0 ? distance - 1 : 0;
            if (distance == 0) {
                break;
            }
        }
    }
    return nearest;
}
