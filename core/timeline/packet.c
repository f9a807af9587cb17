/* SPDX-License-Identifier: MIT */
/* packet.c - the checksum of sealed packets. */
#define XXH_INLINE_ALL
#include "core/timeline/packet.h"

#include <xxhash.h>

uint64_t
pt_packet_check(const struct pt_packet *packet, const void *bytes)
{
    uint64_t head = XXH64(packet, offsetof(struct pt_packet, check), 0);

    return XXH64(bytes, packet->packed_bytes, head);
}
