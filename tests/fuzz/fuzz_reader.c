/* SPDX-License-Identifier: MIT */
/* fuzz_reader.c - recordings of arbitrary extents, read in every way.
 *
 * For clang's libFuzzer. The input is what stands behind the header, a page an
 * extent; what nobody finds by chance, magics and checks, is put right.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/timeline/eventlog.h"
#include "core/timeline/packet.h"
#include "core/timeline/packets.h"
#include "core/timeline/samples.h"

#define FILE_BYTES_MAX (1u << 20)
#define PAGE PT_HEADER_BYTES

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Make the packet hold that the payload of an extent begins with. */
static void
put_packet_right(struct pt_extent *extent)
{
    struct pt_packet *packet = (struct pt_packet *)(extent + 1);
    uint32_t room = PAGE - sizeof(*extent) - sizeof(*packet);

    packet->magic = PT_PACKET_MAGIC;
    packet->process = extent->process;
    packet->packed_bytes %= room;
    packet->check = pt_packet_check(packet, packet + 1);
}

static void
put_right(char *file, size_t size)
{
    struct pt_header *header = (struct pt_header *)(void *)file;

    memcpy(header->magic, PT_MAGIC, sizeof(header->magic));
    header->version = PT_FORMAT_VERSION;
    header->byte_order = PT_BYTE_ORDER;
    header->align_bytes = PAGE;
    for (size_t at = PAGE; at < size; at += PAGE) {
        struct pt_extent *extent = (struct pt_extent *)(void *)(file + at);

        extent->magic = PT_EXTENT_MAGIC;
        extent->process %= 3;
        extent->offset = at;
        extent->bytes = PAGE;
        extent->payload_bytes %= PAGE - sizeof(*extent) + 1;
        extent->check = pt_extent_check(extent);
        if (extent->segment == PT_SEGMENT_SEALED) {
            put_packet_right(extent);
        }
    }
}

static void
read_process(const struct pt_reader *reader, uint32_t process)
{
    const struct pt_packet *head;
    struct pt_samples samples;
    struct pt_packets *packets;
    struct pt_eventlog *log;
    struct pt_event event;
    const void *raw;

    for (uint32_t segment = 0; segment < PT_SEGMENT_COUNT; segment++) {
        uint32_t items = pt_reader_items(reader, process, segment);

        for (uint32_t i = 0; i < items && i < 10000; i++) {
            size_t bytes;

            (void)pt_reader_item(reader, process, segment, i);
            (void)pt_reader_text(reader, process, i, &bytes);
        }
    }
    if (pt_packets_open(&packets, reader, process) == PT_OK) {
        while (pt_packets_next(packets, &head) > 0) {
            (void)!pt_packets_unpack(packets, &raw);
        }
        pt_packets_close(packets);
    }
    if (pt_eventlog_open(&log, reader, process) == PT_OK) {
        while (pt_eventlog_next(log, &event) > 0) {
        }
        pt_eventlog_close(log);
    }
    if (pt_samples_read(&samples, reader, process) == PT_OK) {
        pt_samples_release(&samples);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char file[FILE_BYTES_MAX];
    size_t bytes = (PAGE + size + PAGE - 1) / PAGE * PAGE;
    struct pt_reader *reader;
    int fd;

    if (bytes > sizeof(file)) {
        return 0;
    }
    memset(file, 0, bytes);
    memcpy(file + PAGE, data, size);
    put_right(file, bytes);
    fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, file, bytes) != (ssize_t)bytes ||
        pt_reader_open(&reader, fd, "fuzz", NULL) != PT_OK) {
        close(fd);
        return 0;
    }
    for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
        read_process(reader, i);
    }
    pt_reader_close(reader);
    close(fd);
    return 0;
}
