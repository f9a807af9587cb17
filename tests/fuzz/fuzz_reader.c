/* SPDX-License-Identifier: MIT */
/* fuzz_reader.c - recordings of arbitrary extents, read in every way.
 *
 * For clang's libFuzzer; forged.h says what its bytes mean.
 */
#include "tests/fuzz/forged.h"

#include "core/timeline/eventlog.h"
#include "core/timeline/merger.h"
#include "core/timeline/packets.h"
#include "core/timeline/rewind.h"
#include "core/timeline/samples.h"

#define EVERYTHING                                                    \
  (PT_WANT_COUNT | PT_WANT_MEM | PT_WANT_NATIVE | PT_WANT_TEMPORARY | \
   PT_WANT_LIFETIME | PT_WANT_LINE_EVENTS | PT_WANT_ALLOC_EVENTS)

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

/* Combine it with itself; what comes of it is a recording again. */
static void
combine(const struct pt_reader *reader)
{
    const struct pt_reader *both[] = {reader, reader};
    int fd = memfd_create("combined", MFD_CLOEXEC);
    struct pt_reader *combined;
    struct pt_header header;
    struct pt_merger merger;

    pt_merger_plan(&header, both, 2);
    if (fd >= 0 && pt_merger_begin(&merger, fd, &header) == PT_OK &&
        pt_merger_add(&merger, reader, "one", NULL) == PT_OK &&
        pt_merger_add(&merger, reader, "two", "/tree") == PT_OK &&
        pt_merger_end(&merger) == PT_OK) {
        if (pt_reader_open(&combined, fd, "combined", NULL) != PT_OK) {
            __builtin_trap();
        }
        for (uint32_t i = 0; i < pt_reader_processes(combined); i++) {
            (void)pt_reader_run(combined, i);
            read_process(combined, i);
        }
        pt_reader_close(combined);
    }
    close(fd);
}

/* Undo its events, to a time or to the peak. */
static void
rewind_to(int fd, const char *moment)
{
    struct pt_rewound rewound;
    struct pt_reader *reader;
    int code;

    if (pt_reader_open(&reader, fd, "fuzz", NULL) != PT_OK) {
        return;
    }
    code = moment != NULL ? pt_rewind(reader, moment, &rewound)
                          : pt_rewind_to_peak(reader, &rewound);
    if (code == PT_OK) {
        for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
            read_process(reader, i);
        }
    }
    pt_reader_close(reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pt_reader *reader;
    int fd = forge(data, size, EVERYTHING);

    if (fd < 0 || pt_reader_open(&reader, fd, "fuzz", NULL) != PT_OK) {
        close(fd);
        return 0;
    }
    for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
        read_process(reader, i);
    }
    combine(reader);
    pt_reader_close(reader);
    rewind_to(fd, "0");
    rewind_to(fd, "#0");
    rewind_to(fd, NULL);
    close(fd);
    return 0;
}
