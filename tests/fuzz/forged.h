/* SPDX-License-Identifier: MIT */
/* forged.h - from the fuzzer's bytes to a recording that gets past the door.
 *
 * The input is what stands behind the header, a page an extent; what nobody
 * finds by chance, magics and checks, is put right.
 */
#ifndef PT_TESTS_FUZZ_FORGED_H
#define PT_TESTS_FUZZ_FORGED_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/timeline/packet.h"
#include "core/timeline/recording.h"

#define FORGED_BYTES_MAX (1u << 20)
#define FORGED_PAGE PT_HEADER_BYTES

/* Make the packet hold that the payload of an extent begins with. */
static inline void
put_packet_right(struct pt_extent *extent)
{
    struct pt_packet *packet = (struct pt_packet *)(extent + 1);
    uint32_t room = FORGED_PAGE - sizeof(*extent) - sizeof(*packet);

    packet->magic = PT_PACKET_MAGIC;
    packet->process = extent->process;
    packet->packed_bytes %= room;
    packet->check = pt_packet_check(packet, packet + 1);
}

static inline void
put_right(char *file, size_t size)
{
    struct pt_header *header = (struct pt_header *)(void *)file;

    memcpy(header->magic, PT_MAGIC, sizeof(header->magic));
    header->version = PT_FORMAT_VERSION;
    header->byte_order = PT_BYTE_ORDER;
    header->align_bytes = FORGED_PAGE;
    for (size_t at = FORGED_PAGE; at < size; at += FORGED_PAGE) {
        struct pt_extent *extent = (struct pt_extent *)(void *)(file + at);

        extent->magic = PT_EXTENT_MAGIC;
        extent->process %= 3;
        extent->offset = at;
        extent->bytes = FORGED_PAGE;
        extent->payload_bytes %= FORGED_PAGE - sizeof(*extent) + 1;
        extent->check = pt_extent_check(extent);
        if (extent->segment == PT_SEGMENT_SEALED) {
            put_packet_right(extent);
        }
    }
}

/* A descriptor of the recording that was asked for these counts and events, or
 * -1. */
static inline int
forge(const uint8_t *data, size_t size, uint32_t wanted)
{
    static char file[FORGED_BYTES_MAX];
    size_t bytes =
        (FORGED_PAGE + size + FORGED_PAGE - 1) / FORGED_PAGE * FORGED_PAGE;
    int fd;

    if (bytes > sizeof(file)) {
        return -1;
    }
    memset(file, 0, bytes);
    memcpy(file + FORGED_PAGE, data, size);
    put_right(file, bytes);
    ((struct pt_header *)(void *)file)->wanted = wanted;
    fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd >= 0 && write(fd, file, bytes) != (ssize_t)bytes) {
        close(fd);
        fd = -1;
    }
    return fd;
}

#endif
