/* SPDX-License-Identifier: MIT */
/* extent.c - handing out file space and mapping it.
 *
 * The traced program owns its descriptors: it may close ours, and the number
 * may then be another file's. So before every use the file's identity is
 * checked. If it is not ours any more, the one that the supervisor has, under
 * the same number, is opened for that moment; where that cannot be either we
 * go on in anonymous memory.
 */
#include "core/timeline/extent.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/rawmem.h"
#include "core/timeline/timeline.h"

static size_t
whole_bytes(size_t payload_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t align = page > PT_HEADER_BYTES ? page : PT_HEADER_BYTES;

    return (sizeof(struct pt_extent) + payload_bytes + align - 1) &
           ~(align - 1);
}

static int
is_recording(const struct pt_timeline *timeline, int fd)
{
    struct stat status;

    return fd >= 0 && fstat(fd, &status) == 0 &&
           status.st_dev == timeline->device &&
           status.st_ino == timeline->inode;
}

/* A descriptor of the recording for the moment, or -1. */
static int
borrow_file(const struct pt_timeline *timeline, int *is_opened)
{
    char path[64];
    int fd;

    *is_opened = 0;
    if (timeline->fd < 0 || is_recording(timeline, timeline->fd)) {
        return timeline->fd;
    }
    snprintf(path, sizeof(path), "/proc/%u/fd/%d",
             timeline->header->supervisor_pid, timeline->fd);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0 && !is_recording(timeline, fd)) {
        close(fd);
        fd = -1;
    }
    *is_opened = fd >= 0;
    return fd;
}

static void
return_file(int fd, int is_opened)
{
    if (is_opened) {
        close(fd);
    }
}

/* Take file space for an extent: its offset. The file grows before its end
 * moves, so whoever is killed here leaves zeros behind the end, and a file
 * that is shorter than its header says was cut. Another process may take the
 * place that we have reserved: then we go on behind it. */
static int
take_file_space(struct pt_timeline *timeline, int fd, size_t bytes,
                uint64_t *offset)
{
    _Atomic uint64_t *file_end = &timeline->header->file_end;
    uint64_t end = atomic_load(file_end);

    do {
        if (pt_file_reserve(fd, end, bytes) != PT_OK) {
            return PT_ERR_NOSPACE;
        }
    } while (!atomic_compare_exchange_weak(file_end, &end, end + bytes));
    *offset = end;
    return PT_OK;
}

static void *
map_file_space(struct pt_timeline *timeline, size_t bytes, uint64_t *offset)
{
    void *region = MAP_FAILED;
    int is_opened;
    int fd = borrow_file(timeline, &is_opened);

    if (fd >= 0 && take_file_space(timeline, fd, bytes, offset) == PT_OK) {
        region = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                      (off_t)*offset);
    }
    return_file(fd, is_opened);
    if (region != MAP_FAILED) {
        pt_rawmem_account((int64_t)bytes);
    }
    return region;
}

/* The number of a process that gets its record: a child's is known. */
static uint32_t
next_number(struct pt_timeline *timeline)
{
    return timeline->process != NULL
               ? timeline->number_at_fork
               : atomic_fetch_add(&timeline->header->processes, 1);
}

static void
describe(struct pt_timeline *timeline, struct pt_extent *extent,
         enum pt_segment segment, uint32_t first_item, uint64_t offset,
         size_t payload_bytes)
{
    extent->segment = segment;
    extent->process = segment == PT_SEGMENT_PROCESS
                          ? next_number(timeline)
                          : timeline->process->number;
    extent->first_item = first_item;
    extent->offset = offset;
    extent->bytes = whole_bytes(payload_bytes);
    extent->payload_bytes = payload_bytes;
    extent->magic = PT_EXTENT_MAGIC;
}

/* Make an extent of a mapped region that may be in the file at `offset`. */
static void
settle(struct pt_timeline *timeline, void *region, enum pt_segment segment,
       uint32_t first_item, uint64_t offset, size_t payload_bytes,
       struct pt_extent_place *place)
{
    describe(timeline, region, segment, first_item, offset, payload_bytes);
    place->payload = (char *)region + sizeof(struct pt_extent);
    place->process = ((struct pt_extent *)region)->process;
    if (segment != PT_SEGMENT_PROCESS) {
        pt_extent_publish(place->payload);
    }
}

int
pt_extent_map_file(struct pt_timeline *timeline, enum pt_segment segment,
                   uint32_t first_item, size_t payload_bytes,
                   struct pt_extent_place *place)
{
    uint64_t offset = 0;
    void *region =
        map_file_space(timeline, whole_bytes(payload_bytes), &offset);

    if (region == MAP_FAILED) {
        return PT_ERR_NOSPACE;
    }
    settle(timeline, region, segment, first_item, offset, payload_bytes,
           place);
    return PT_OK;
}

int
pt_extent_map(struct pt_timeline *timeline, enum pt_segment segment,
              uint32_t first_item, size_t payload_bytes,
              struct pt_extent_place *place)
{
    void *region;

    if (pt_extent_map_file(timeline, segment, first_item, payload_bytes,
                           place) == PT_OK) {
        return PT_OK;
    }
    region = pt_rawmem_map(whole_bytes(payload_bytes));
    if (region == NULL) {
        return PT_ERR_NOMEM;
    }
    if (timeline->fd >= 0 && timeline->process != NULL) {
        pt_timeline_trouble(timeline, PT_TROUBLE_SPACE);
    }
    settle(timeline, region, segment, first_item, 0, payload_bytes, place);
    return PT_OK;
}

int
pt_extent_reuse(struct pt_timeline *timeline, uint64_t offset,
                uint32_t first_item, size_t payload_bytes,
                struct pt_extent_place *place)
{
    size_t bytes = whole_bytes(payload_bytes);
    struct pt_extent *extent;
    int is_opened;
    int fd = borrow_file(timeline, &is_opened);

    if (fd < 0) {
        return PT_ERR_NOSPACE;
    }
    extent = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                  (off_t)offset);
    return_file(fd, is_opened);
    if (extent == MAP_FAILED) {
        return PT_ERR_NOSPACE;
    }
    pt_rawmem_account((int64_t)bytes);
    atomic_store(&extent->check, 0);
    place->payload = (char *)extent + sizeof(*extent);
    place->process = extent->process;
    memset(place->payload, 0, payload_bytes);
    extent->first_item = first_item;
    pt_extent_publish(place->payload);
    return PT_OK;
}

uint64_t
pt_extent_offset(const char *payload)
{
    return ((const struct pt_extent *)(payload - sizeof(struct pt_extent)))
        ->offset;
}

int
pt_extent_replace(struct pt_timeline *timeline, enum pt_segment segment,
                  uint32_t first_item, char *payload, const void *content,
                  size_t payload_bytes)
{
    size_t bytes = whole_bytes(payload_bytes);
    struct pt_extent_place place;
    int code =
        pt_extent_map(timeline, segment, first_item, payload_bytes, &place);

    if (code != PT_OK) {
        return code;
    }
    memcpy(place.payload, content, payload_bytes);
    if (mremap(place.payload - sizeof(struct pt_extent), bytes, bytes,
               MREMAP_MAYMOVE | MREMAP_FIXED,
               payload - sizeof(struct pt_extent)) == MAP_FAILED) {
        pt_extent_unmap(place.payload, payload_bytes);
        return PT_ERR_NOMEM;
    }
    pt_rawmem_account(-(int64_t)bytes);  // what was mapped there before
    return PT_OK;
}

void
pt_extent_publish(char *payload)
{
    struct pt_extent *extent =
        (struct pt_extent *)(payload - sizeof(struct pt_extent));

    atomic_store_explicit(&extent->check, pt_extent_check(extent),
                          memory_order_release);
}

void
pt_extent_unmap(char *payload, size_t payload_bytes)
{
    pt_rawmem_unmap(payload - sizeof(struct pt_extent),
                    whole_bytes(payload_bytes));
}

int
pt_extent_isolate(char *payload, size_t payload_bytes)
{
    void *region =
        mmap(payload - sizeof(struct pt_extent), whole_bytes(payload_bytes),
             PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

    return region != MAP_FAILED ? PT_OK : PT_ERR_NOMEM;
}
