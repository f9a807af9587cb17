/* SPDX-License-Identifier: MIT */
/* recordings.h - recordings built by hand, and readers that look everywhere.
 *
 * Built without the writer, so that a reader's test can say exactly what is
 * where, and can say things that no writer would.
 */
#ifndef PT_TESTS_UNIT_RECORDINGS_H
#define PT_TESTS_UNIT_RECORDINGS_H

#include "tests/unit/support.h"

#include "core/timeline/segment.h"

#define PAGE PT_HEADER_BYTES

/* A header as the writer makes it, but always for pages of 4 KiB. */
static inline int
bare_recording(void)
{
    uint32_t align = PAGE;
    int fd = new_recording(PT_WANT_COUNT);

    if (pwrite(fd, &align, sizeof(align),
               offsetof(struct pt_header, align_bytes)) != sizeof(align) ||
        ftruncate(fd, PAGE) != 0) {
        return -1;
    }
    return fd;
}

/* Write `extent` where it says it is, with the check it needs. */
static inline void
put_extent(int fd, struct pt_extent extent, const void *payload, size_t bytes)
{
    off_t at = (off_t)extent.offset;

    extent.magic = PT_EXTENT_MAGIC;
    extent.check = pt_extent_check(&extent);
    if (pwrite(fd, &extent, sizeof(extent), at) != sizeof(extent) ||
        pwrite(fd, payload, bytes, at + (off_t)sizeof(extent)) !=
            (ssize_t)bytes ||
        (file_bytes(fd) < extent.offset + extent.bytes &&
         extent.bytes <= 16 * PAGE &&
         ftruncate(fd, (off_t)(extent.offset + extent.bytes)) != 0)) {
        abort();
    }
}

/* One page of a segment of process 0 at page `page` of the file. */
static inline void
put_page(int fd, uint32_t page, enum pt_segment segment, uint32_t first_item,
         const void *payload, size_t bytes)
{
    struct pt_extent extent = {.segment = segment,
                               .first_item = first_item,
                               .offset = (uint64_t)page * PAGE,
                               .bytes = PAGE,
                               .payload_bytes = bytes};

    put_extent(fd, extent, payload, bytes);
}

/* Process 0 with 100 counters of its index as hits, a text "abc" and a source
 * that has it as path; five pages. */
static inline int
small_recording(void)
{
    static const uint32_t text[] = {0, 3, 0x636261u};  // id 4: "abc"
    struct pt_process process = {.pid = 42, .engine = "probe"};
    struct pt_source source[2] = {{.path = 0}, {.path = 4}};
    uint64_t counter[100];
    int fd = bare_recording();

    for (uint32_t i = 0; i < COUNT_OF(counter); i++) {
        counter[i] = PT_COUNTER_EXECUTABLE | i;
    }
    process.items[PT_SEGMENT_TEXT] = sizeof(text);
    process.items[PT_SEGMENT_FILE] = COUNT_OF(source);
    process.items[PT_SEGMENT_COUNTER] = COUNT_OF(counter);
    put_page(fd, 1, PT_SEGMENT_PROCESS, 0, &process, sizeof(process));
    put_page(fd, 2, PT_SEGMENT_TEXT, 0, text, sizeof(text));
    put_page(fd, 3, PT_SEGMENT_FILE, 0, source, sizeof(source));
    put_page(fd, 4, PT_SEGMENT_COUNTER, 0, counter, sizeof(counter));
    return fd;
}

/* Read every byte; the sum keeps the compiler from leaving it out. */
static inline uint64_t
touch(const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        sum += at[i];
    }
    return sum;
}

/* Look at everything that a reader offers and at what it must refuse. */
static inline uint64_t
look_everywhere(const struct pt_reader *reader)
{
    uint64_t sum = touch(pt_reader_header(reader), sizeof(struct pt_header));

    for (uint32_t i = 0; i <= pt_reader_processes(reader) && i < 8; i++) {
        const struct pt_process *process = pt_reader_process(reader, i);

        sum += process != NULL ? touch(process, sizeof(*process)) : 0;
        for (uint32_t s = 0; s <= PT_SEGMENT_COUNT; s++) {
            uint32_t items = pt_reader_items(reader, i, s);

            for (uint32_t j = 0; j <= items && j < 5000; j++) {
                const void *item = pt_reader_item(reader, i, s, j);
                size_t bytes;
                const char *text = pt_reader_text(reader, i, j, &bytes);

                sum += item != NULL ? touch(item, pt_segment_item_bytes(s))
                                    : 0;
                sum += touch(text, bytes);
            }
        }
    }
    return sum;
}

#endif
