/* SPDX-License-Identifier: MIT */
/* packet.h - what both sides must know of a sealed packet. */
#ifndef PT_CORE_TIMELINE_PACKET_H
#define PT_CORE_TIMELINE_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "core/timeline/recording.h"

/* What `check` of a packet must be, `bytes` being those behind the head.
 * Hook-safe. Any thread. */
uint64_t pt_packet_check(const struct pt_packet *packet, const void *bytes);

/* From the start of this packet to that of the next. */
static inline size_t
pt_packet_span(const struct pt_packet *packet)
{
    return (sizeof(*packet) + (size_t)packet->packed_bytes + 7) & ~(size_t)7;
}

#endif
