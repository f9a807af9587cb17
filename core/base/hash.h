/* SPDX-License-Identifier: MIT */
/* hash.h - mixing functions for open-addressing tables. */
#ifndef PT_CORE_BASE_HASH_H
#define PT_CORE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

/* Two words into one; the high half is the well-mixed one. Hook-safe. */
PT_INLINE uint64_t
pt_hash_pair(uint64_t a, uint64_t b)
{
    return (a ^ b * UINT64_C(0xC2B2AE3D27D4EB4F)) *
           UINT64_C(0x9E3779B97F4A7C15);
}

/* One of so many slots, less than 2^32, for a key. */
static inline size_t
pt_hash_slot(uint64_t key, size_t slots)
{
    return (size_t)((pt_hash_pair(key, 0) >> 32) * slots >> 32);
}

/* Bytes into a word (FNV-1a, 64 bits). Hook-safe. */
static inline uint64_t
pt_hash_bytes(const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    uint64_t hash = UINT64_C(0xCBF29CE484222325);

    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ at[i]) * UINT64_C(0x100000001B3);
    }
    return hash;
}

#endif
