/* SPDX-License-Identifier: MIT */
/* read_items.c - what the reader in C finds in every segment, as checksums.
 *
 *     read_items FILE
 *
 * prints a line for each segment of each process in which there is something:
 * process, segment, how many items, and the CRC-32 of them all. The reader in
 * Python must find the same (test_golden.py).
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <zlib.h>

#include "core/timeline/packets.h"
#include "core/timeline/pieces.h"
#include "core/timeline/reader.h"
#include "core/timeline/samples.h"
#include "core/timeline/segment.h"

struct sum {
    const struct pt_reader *reader;
    uint32_t process;
    uint64_t items;
    uLong crc;
};

static void
add(struct sum *sum, const void *bytes, uint64_t count)
{
    sum->crc = crc32_z(sum->crc, bytes, count);
    sum->items++;
}

static void
add_array(struct sum *sum, uint32_t segment)
{
    uint32_t items = pt_reader_items(sum->reader, sum->process, segment);

    for (uint32_t i = 1; i < items; i++) {
        const void *item =
            pt_reader_item(sum->reader, sum->process, segment, i);

        if (item != NULL) {
            add(sum, item, pt_segment_item_bytes(segment));
        }
    }
}

static int
add_samples(struct sum *sum)
{
    struct pt_samples samples;
    int code = pt_samples_read(&samples, sum->reader, sum->process);

    for (uint32_t i = 0; code == PT_OK && i < samples.count; i++) {
        add(sum, &samples.sample[i], sizeof(samples.sample[i]));
    }
    if (code == PT_OK) {
        pt_samples_release(&samples);
    }
    return code;
}

static int
add_packets(struct sum *sum)
{
    struct pt_packets *packets;
    const struct pt_packet *head;
    const void *raw;
    int code = pt_packets_open(&packets, sum->reader, sum->process);

    while (code == PT_OK && (code = pt_packets_next(packets, &head)) > 0) {
        code = pt_packets_unpack(packets, &raw);
        if (code == PT_OK) {
            add(sum, head, sizeof(*head));
            sum->crc = crc32_z(sum->crc, raw, head->raw_bytes);
        }
    }
    pt_packets_close(packets);
    return code;
}

static void
add_streams(struct sum *sum)
{
    uint32_t pieces;
    const struct pt_piece *piece = pt_reader_pieces(
        sum->reader, sum->process, PT_SEGMENT_STREAM, &pieces);

    for (uint32_t i = 0; i < pieces; i++) {
        add(sum, piece[i].payload, piece[i].payload_bytes);
    }
}

static int
add_segment(struct sum *sum, uint32_t segment)
{
    const struct pt_run *run;

    switch (segment) {
    case PT_SEGMENT_PROCESS:
        add(sum, pt_reader_process(sum->reader, sum->process),
            sizeof(struct pt_process));
        return PT_OK;
    case PT_SEGMENT_RUN:
        run = pt_reader_run(sum->reader, sum->process);
        if (run != NULL) {
            add(sum, run, sizeof(*run));
        }
        return PT_OK;
    case PT_SEGMENT_SEALED:
        return add_packets(sum);
    case PT_SEGMENT_STREAM:
        add_streams(sum);
        return PT_OK;
    case PT_SEGMENT_SAMPLE:
        return add_samples(sum);
    default:
        add_array(sum, segment);
        return PT_OK;
    }
}

int
main(int argc, char **argv)
{
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    struct pt_reader *reader;
    struct pt_err err;
    int code;

    if (fd < 0) {
        fprintf(stderr, "usage: read_items FILE\n");
        return 2;
    }
    code = pt_reader_open(&reader, fd, argv[1], &err);
    if (code != PT_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
        for (uint32_t segment = 1; segment < PT_SEGMENT_END; segment++) {
            struct sum sum = {.reader = reader, .process = i};

            // A process may have been killed before it had a record.
            if (code == PT_OK && pt_reader_process(reader, i) != NULL) {
                code = add_segment(&sum, segment);
            }
            if (sum.items != 0) {
                printf("%u %u %llu %08lx\n", i, segment,
                       (unsigned long long)sum.items, sum.crc);
            }
        }
    }
    pt_reader_close(reader);
    close(fd);
    return code == PT_OK ? 0 : 1;
}
