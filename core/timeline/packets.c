/* SPDX-License-Identifier: MIT */
/* packets.c - finding, checking and unpacking sealed packets. */
#include "core/timeline/packets.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <lz4.h>

#include "core/base/rawmem.h"
#include "core/timeline/packet.h"
#include "core/timeline/pieces.h"

#define LOOK_BYTES 4096

struct pt_packets {
    const struct pt_piece *piece;  // the extents left, this one first
    uint32_t pieces;
    uint32_t process;
    int fd;
    uint64_t at;  // place in the payload of `piece` to look next
    uint64_t damaged;
    struct pt_packet head;
    _Alignas(16) char raw[PT_PACKET_RAW_MAX];
    char packed[PT_PACKET_RAW_MAX];
};

int
pt_packets_open(struct pt_packets **result, const struct pt_reader *reader,
                uint32_t process)
{
    struct pt_packets *packets = pt_rawmem_map(sizeof(*packets));

    *result = packets;
    if (packets == NULL) {
        return PT_ERR_NOMEM;
    }
    packets->piece =
        pt_reader_pieces(reader, process, PT_SEGMENT_SEALED, &packets->pieces);
    packets->process = process;
    packets->fd = pt_reader_fd(reader);
    return PT_OK;
}

/* How much of `bytes` bytes at a place of this piece could be read; there is
 * less when the file became shorter. Negative: PT_ERR_IO. */
static int64_t
fetch(const struct pt_packets *packets, uint64_t at, void *to, uint64_t bytes)
{
    uint64_t left = packets->piece->payload_bytes - at;
    ssize_t got;

    bytes = bytes < left ? bytes : left;
    do {
        got = pread(packets->fd, to, bytes,
                    (off_t)(packets->piece->offset + at));
    } while (got < 0 && errno == EINTR);
    return got >= 0 ? got : PT_ERR_IO;
}

/* Move to the next magic; 0 when there is none in this piece. */
static int
find_magic(struct pt_packets *packets)
{
    uint32_t words[LOOK_BYTES / sizeof(uint32_t)];

    while (packets->at < packets->piece->payload_bytes) {
        int64_t got = fetch(packets, packets->at, words, sizeof(words));
        int64_t step = got & ~(int64_t)7;

        if (got < 0) {
            return PT_ERR_IO;
        }
        for (int64_t i = 0; i < step; i += 8) {
            if (words[i / 4] == PT_PACKET_MAGIC) {
                packets->at += (uint64_t)i;
                return 1;
            }
        }
        if (step == 0) {
            return 0;
        }
        packets->at += (uint64_t)step;
    }
    return 0;
}

static int
head_holds(const struct pt_packets *packets, const struct pt_packet *head)
{
    return head->process == packets->process && head->raw_bytes != 0 &&
           head->raw_bytes <= PT_PACKET_RAW_MAX && head->packed_bytes != 0 &&
           head->packed_bytes <= head->raw_bytes &&
           head->packed_bytes <=
               packets->piece->payload_bytes - packets->at - sizeof(*head);
}

/* Read the packet at a magic: 1, 0 when it does not hold, or PT_ERR_IO. */
static int
read_packet(struct pt_packets *packets)
{
    struct pt_packet *head = &packets->head;
    int64_t got = fetch(packets, packets->at, head, sizeof(*head));

    if (got != sizeof(*head)) {
        return got < 0 ? PT_ERR_IO : 0;
    }
    if (!head_holds(packets, head)) {
        return 0;
    }
    got = fetch(packets, packets->at + sizeof(*head), packets->packed,
                head->packed_bytes);
    if (got != head->packed_bytes) {
        return got < 0 ? PT_ERR_IO : 0;
    }
    return pt_packet_check(head, packets->packed) == head->check;
}

int
pt_packets_next(struct pt_packets *packets, const struct pt_packet **head)
{
    *head = &packets->head;
    while (packets->pieces != 0) {
        int code = find_magic(packets);

        if (code > 0) {
            code = read_packet(packets);
            if (code == 0) {
                packets->damaged++;
                packets->at += 8;
                continue;
            }
        }
        if (code > 0) {
            packets->at += pt_packet_span(&packets->head);
        }
        if (code != 0) {
            return code;
        }
        packets->piece++;
        packets->pieces--;
        packets->at = 0;
    }
    return 0;
}

int
pt_packets_unpack(struct pt_packets *packets, const void **raw)
{
    const struct pt_packet *head = &packets->head;

    *raw = packets->raw;
    if (head->packed_bytes == head->raw_bytes) {
        memcpy(packets->raw, packets->packed, head->raw_bytes);
        return PT_OK;
    }
    if (LZ4_decompress_safe(packets->packed, packets->raw,
                            (int)head->packed_bytes,
                            (int)head->raw_bytes) != (int)head->raw_bytes) {
        packets->damaged++;
        return PT_ERR_CORRUPT;
    }
    return PT_OK;
}

uint64_t
pt_packets_damaged(const struct pt_packets *packets)
{
    return packets->damaged;
}

void
pt_packets_close(struct pt_packets *packets)
{
    if (packets != NULL) {
        pt_rawmem_unmap(packets, sizeof(*packets));
    }
}
