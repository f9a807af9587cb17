/* SPDX-License-Identifier: MIT */
/* pattern.c - fnmatch without a locale, without memory, without recursion.
 *
 * Only the last "*" is ever tried again: whatever the ones before it could
 * take instead, it can take too.
 */
#include "core/base/pattern.h"

#include <string.h>

/* One character of UTF-8, or one byte of what is none. */
struct character {
    const char *at;
    size_t bytes;
};

static struct character
character_at(const char *text, const char *end)
{
    struct character character = {text, 1};

    if (((unsigned char)*text & 0xc0) == 0xc0) {
        while (text + character.bytes < end &&
               ((unsigned char)text[character.bytes] & 0xc0) == 0x80) {
            character.bytes++;
        }
    }
    return character;
}

/* UTF-8 sorts by bytes as its characters do by number. */
static int
compare(struct character a, struct character b)
{
    size_t least = a.bytes < b.bytes ? a.bytes : b.bytes;
    int order = memcmp(a.at, b.at, least);

    if (order != 0) {
        return order;
    }
    return a.bytes < b.bytes ? -1 : a.bytes > b.bytes;
}

/* The "]" that closes the set behind a "[", or NULL. */
static const char *
find_set_end(const char *set)
{
    set += *set == '!';
    set += *set == ']';
    return strchr(set, ']');
}

static int
is_in_set(const char *set, const char *end, struct character character)
{
    int is_negated = *set == '!';
    int is_found = 0;

    set += is_negated;
    while (set < end) {
        struct character low = character_at(set, end);
        struct character high = low;

        set += low.bytes;
        if (end - set >= 2 && *set == '-') {
            high = character_at(set + 1, end);
            set += 1 + high.bytes;
        }
        is_found |=
            compare(low, character) <= 0 && compare(character, high) <= 0;
    }
    return is_found != is_negated;
}

/* What follows in the pattern when its first item, no "*", takes the
 * character; NULL when it does not. */
static const char *
take(const char *pattern, struct character character)
{
    const char *end;

    if (*pattern == '?') {
        return pattern + 1;
    }
    if (*pattern == '[') {
        end = find_set_end(pattern + 1);
        if (end != NULL) {
            return is_in_set(pattern + 1, end, character) ? end + 1 : NULL;
        }
    }
    return strncmp(pattern, character.at, character.bytes) == 0
               ? pattern + character.bytes
               : NULL;
}

int
pt_pattern_match(const char *pattern, const char *text, size_t bytes)
{
    const char *end = text + bytes;
    const char *behind_star = NULL, *tried = NULL;

    while (text < end) {
        struct character character = character_at(text, end);
        const char *next;

        if (*pattern == '*') {
            behind_star = ++pattern;
            tried = text;
            continue;
        }
        next = *pattern != '\0' ? take(pattern, character) : NULL;
        if (next != NULL) {
            pattern = next;
            text += character.bytes;
        }
        else if (behind_star != NULL) {
            tried += character_at(tried, end).bytes;
            text = tried;
            pattern = behind_star;
        }
        else {
            return 0;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}
