/* SPDX-License-Identifier: MIT */
/* residency.h - how much of a mapped file a reader has touched.
 *
 * A page of a mapping counts as memory of ours once it was looked at. Who
 * walks a recording that is larger than memory lets all of it go now and then:
 * the pages stay where they were, in the system's cache or in the file, and
 * every pointer stays good.
 *
 * Blocks are those that the kernel maps at one fault. The table forgets a
 * block for another that falls into its place, so a block may count twice,
 * which lets go too early and never too late.
 */
#ifndef PT_CORE_TIMELINE_RESIDENCY_H
#define PT_CORE_TIMELINE_RESIDENCY_H

#include <stdint.h>

#include "core/base/compiler.h"

#define PT_RESIDENCY_SHIFT 16
#define PT_RESIDENCY_BLOCKS 1024u  // 64 MiB

struct pt_residency {
    uint32_t touched;                     // blocks since all were let go
    uint64_t block[PT_RESIDENCY_BLOCKS];  // number and 1, by its lowest bits
};

/* Note that the byte at `offset` of the file is being looked at: 1 when so
 * much was that the mappings should be let go first. */
PT_INLINE int
pt_residency_touch(struct pt_residency *residency, uint64_t offset)
{
    uint64_t number = offset >> PT_RESIDENCY_SHIFT;
    uint64_t *block = &residency->block[number % PT_RESIDENCY_BLOCKS];

    if (pt_likely(*block == number + 1)) {
        return 0;
    }
    *block = number + 1;
    return ++residency->touched > PT_RESIDENCY_BLOCKS;
}

#endif
