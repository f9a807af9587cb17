/* SPDX-License-Identifier: MIT */
/* gap.c - telling what was never written from what was destroyed. */
#include "cli/report/figures/gap.h"

#include <sys/types.h>
#include <unistd.h>

#include "core/timeline/recording.h"

/* The first byte from `start` to `end` that is not zero, or `end`. */
static uint64_t
first_content(int fd, uint64_t start, uint64_t end)
{
    static char bytes[65536];

    while (start < end) {
        size_t wanted = end - start < sizeof(bytes) ? (size_t)(end - start)
                                                    : sizeof(bytes);
        ssize_t got = pread(fd, bytes, wanted, (off_t)start);

        if (got <= 0) {
            return end;
        }
        for (ssize_t i = 0; i < got; i++) {
            if (bytes[i] != 0) {
                return start + (uint64_t)i;
            }
        }
        start += (uint64_t)got;
    }
    return end;
}

/* Where the extent ends that its process was still making at `start`, or had
 * taken back to fill it once more; `start` when there is none. */
static uint64_t
end_of_unfinished(int fd, uint64_t align_bytes, uint64_t start, uint64_t end)
{
    struct pt_extent extent;

    if (end - start < sizeof(extent) ||
        pread(fd, &extent, sizeof(extent), (off_t)start) != sizeof(extent) ||
        extent.check != 0) {
        return start;
    }
    if (extent.magic == PT_EXTENT_MAGIC && extent.offset == start &&
        extent.bytes != 0 && extent.bytes % align_bytes == 0 &&
        extent.bytes <= end - start) {
        return start + extent.bytes;
    }
    // Perhaps it had not even said so much.
    return first_content(fd, start + sizeof(extent), end) == end ? end : start;
}

uint64_t
pt_gap_damage(int fd, uint64_t align_bytes, uint64_t start, uint64_t end)
{
    while (start < end) {
        uint64_t content = first_content(fd, start, end);
        uint64_t skipped = (content - start) & ~(align_bytes - 1);

        if (content == end) {
            return end;
        }
        content = start + skipped;
        start = end_of_unfinished(fd, align_bytes, content, end);
        if (start == content) {
            return start;
        }
    }
    return end;
}
