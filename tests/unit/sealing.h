/* SPDX-License-Identifier: MIT */
/* sealing.h - sealing and reading packets in tests. */
#ifndef PT_TESTS_UNIT_SEALING_H
#define PT_TESTS_UNIT_SEALING_H

#include "core/timeline/packets.h"
#include "tests/unit/support.h"

/* Bytes that pack well (`random` 0) or not at all, made of a number. */
static inline void
fill_bytes(char *bytes, uint32_t count, uint32_t number, int random)
{
    uint32_t state = number + 1;

    for (uint32_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (char)(random ? state >> 24 : number + i / 16);
    }
}

/* Seal the packet with this number in its row; its size depends on it. */
static inline int
seal_numbered(struct pt_timeline *timeline, uint32_t number, int random)
{
    static char bytes[PT_PACKET_RAW_MAX];
    struct pt_packet what = {.kind = PT_PACKET_SNAPSHOT,
                             .stream = 7,
                             .first = number,
                             .items = 1,
                             .note = ~number,
                             .start_ns = 100 + number,
                             .end_ns = 200 + number,
                             .raw_bytes = 1 + number * 997 % 5000};

    fill_bytes(bytes, what.raw_bytes, number, random);
    return pt_seal_append(timeline, &timeline->sealed, &what, bytes);
}

/* The packet just read must be the one sealed with its number. */
static inline int
is_as_sealed(const struct pt_packet *head, const void *raw, int random)
{
    static char wanted[PT_PACKET_RAW_MAX];
    uint32_t number = (uint32_t)head->first;

    fill_bytes(wanted, head->raw_bytes, number, random);
    return head->kind == PT_PACKET_SNAPSHOT && head->stream == 7 &&
           head->items == 1 && head->note == ~number &&
           head->start_ns == 100 + number && head->end_ns == 200 + number &&
           head->raw_bytes == 1 + number * 997 % 5000 &&
           memcmp(raw, wanted, head->raw_bytes) == 0;
}

/* Read all packets of a process; how many, or -1 when one is not as it was
 * sealed or not behind the one before. *damaged: how many were passed over. */
static inline int64_t
count_packets(const struct pt_reader *reader, uint32_t process, int random,
              uint64_t *damaged)
{
    const struct pt_packet *head;
    struct pt_packets *packets;
    int64_t count = 0;
    uint64_t least = 0;
    const void *raw;
    int code;

    if (pt_packets_open(&packets, reader, process) != PT_OK) {
        return -1;
    }
    while ((code = pt_packets_next(packets, &head)) > 0) {
        if (pt_packets_unpack(packets, &raw) != PT_OK || head->first < least ||
            !is_as_sealed(head, raw, random)) {
            count = -1;
            break;
        }
        least = head->first + 1;
        count++;
    }
    *damaged = pt_packets_damaged(packets);
    pt_packets_close(packets);
    return code < 0 ? -1 : count;
}

#endif
