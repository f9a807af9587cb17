/* SPDX-License-Identifier: MIT */
/* fuzz_reader.c - recordings of arbitrary extents, read in every way.
 *
 * For clang's libFuzzer; forged.h says what its bytes mean.
 */
#include "tests/fuzz/forged.h"

#include "core/timeline/eventlog.h"
#include "core/timeline/packets.h"
#include "core/timeline/samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    struct pt_reader *reader;
    int fd = forge(data, size, PT_WANT_COUNT);

    if (fd < 0 || pt_reader_open(&reader, fd, "fuzz", NULL) != PT_OK) {
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
