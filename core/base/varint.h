/* SPDX-License-Identifier: MIT */
/* varint.h - numbers in as few bytes as they need (LEB128).
 *
 * Seven bits a byte, the lowest first; the eighth bit says that another byte
 * follows. Events of a recording have their numbers so, and so has protobuf.
 */
#ifndef PT_CORE_BASE_VARINT_H
#define PT_CORE_BASE_VARINT_H

#include <stdint.h>

#include "core/base/compiler.h"

#define PT_VARINT_MAX 10u  // bytes of the largest number

/* Write a number at `at`, where there is room for it; where its bytes end.
 * Hook-safe. */
PT_INLINE unsigned char *
pt_varint_put(unsigned char *at, uint64_t number)
{
    while (pt_unlikely(number >= 128)) {
        *at++ = (unsigned char)(number | 128);
        number >>= 7;
    }
    *at++ = (unsigned char)number;
    return at;
}

/* Read a number and move `at` behind it. 0 when it does not end before `end`
 * or is longer than any; `number` is then what its bytes said so far. Bits
 * above the 64th are dropped. Any thread. */
static inline int
pt_varint_get(const unsigned char **at, const unsigned char *end,
              uint64_t *number)
{
    *number = 0;
    for (uint32_t shift = 0; *at < end && shift < 64; shift += 7) {
        unsigned char byte = *(*at)++;

        *number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            return 1;
        }
    }
    return 0;
}

#endif
