/* SPDX-License-Identifier: MIT */
/* timeline.c - creating a recording, joining it, growing its segments. */
#include "core/timeline/timeline.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/rawmem.h"
#include "core/timeline/extent.h"
#include "core/timeline/segment.h"

#define TEXT_BYTES_MAX (32u * 1024u)
#define RUN_CHUNKS_MAX 32u
#define NO_MEMORY "no memory for the recording: free some"

/* A chunk of a segment holds 1 << this many items: 32 to 192 KiB. The hostile
 * build grows at every few items. */
static const uint32_t chunk_shift_of[PT_SEGMENT_COUNT] = {
    [PT_SEGMENT_PROCESS] = 0,
    [PT_SEGMENT_TEXT] = PT_SIZE(15, 4),
    [PT_SEGMENT_FILE] = PT_SIZE(10, 1),
    [PT_SEGMENT_CODE] = PT_SIZE(10, 1),
    [PT_SEGMENT_COUNTER] = PT_SIZE(12, 1),
    [PT_SEGMENT_TERM] = PT_SIZE(12, 1),
    [PT_SEGMENT_NODE] = PT_SIZE(12, 1),
    [PT_SEGMENT_PAIR] = PT_PAIR_SHIFT,
    [PT_SEGMENT_ARC] = PT_SIZE(9, 1),
    [PT_SEGMENT_CALL] = PT_SIZE(9, 1),
    [PT_SEGMENT_CLOCK] = PT_SIZE(7, 1),
    [PT_SEGMENT_MODULE] = PT_SIZE(8, 1),
    [PT_SEGMENT_NATIVE] = PT_NATIVE_SHIFT,
    [PT_SEGMENT_MOMENT] = PT_SIZE(8, 1),
    [PT_SEGMENT_TEMPORARY] = PT_SIZE(12, 1),
    [PT_SEGMENT_LIFETIME] = PT_SIZE(12, 1),
    [PT_SEGMENT_FRAME] = PT_SIZE(10, 1),
};

int
pt_timeline_create(int fd, const struct pt_header *values, struct pt_err *err)
{
    char page[PT_HEADER_BYTES] = {0};
    struct pt_header header = *values;
    struct pt_clock_pair start;
    int code;

    memcpy(header.magic, PT_MAGIC, sizeof(header.magic));
    header.version = PT_FORMAT_VERSION;
    header.byte_order = PT_BYTE_ORDER;
    header.align_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
    if (header.align_bytes < PT_HEADER_BYTES) {
        header.align_bytes = PT_HEADER_BYTES;
    }
    header.start_unix_ns = pt_clock_unix_ns();
    header.tick_kind = pt_clock_best_kind();
    header.tick_shift = pt_clock_unit_shift(header.tick_kind);
    start = pt_clock_pair(header.tick_kind);
    header.start_ns = start.ns;
    header.start_ticks = start.ticks;
    header.supervisor_pid = (uint32_t)getpid();
    atomic_init(&header.file_end, header.align_bytes);
    memcpy(page, &header, sizeof(header));
    code = pt_file_write(fd, page, sizeof(page));
    if (code == PT_OK) {
        code = pt_file_reserve(fd, 0, header.align_bytes);
    }
    if (code != PT_OK) {
        return pt_err_set(err, code, "cannot write the recording: %s",
                          strerror(errno));
    }
    return PT_OK;
}

void
pt_timeline_trouble(struct pt_timeline *timeline, enum pt_trouble trouble)
{
    atomic_fetch_or_explicit(&timeline->process->trouble, trouble,
                             memory_order_relaxed);
}

/* Map `chunks` more chunks of a segment. Called with the lock held. */
PT_COLD static int
grow_locked(struct pt_timeline *timeline, enum pt_segment segment,
            uint32_t chunks)
{
    struct pt_array *array = &timeline->array[segment];
    size_t chunk_bytes = (size_t)array->item_bytes << array->chunk_shift;
    struct pt_extent_place place;
    int number = errno;  // the hooked program's, which did not call us
    int code;

    if (chunks > PT_CHUNKS_MAX - array->chunks) {
        return PT_ERR_NOMEM;
    }
    code =
        pt_extent_map(timeline, segment, array->chunks << array->chunk_shift,
                      chunks * chunk_bytes, &place);
    errno = number;
    if (code != PT_OK) {
        return code;
    }
    array->run[array->chunks] = chunks;
    for (uint32_t i = 0; i < chunks; i++) {
        atomic_store_explicit(&array->chunk[array->chunks + i],
                              place.payload + i * chunk_bytes,
                              memory_order_release);
    }
    array->chunks += chunks;
    return PT_OK;
}

/* First index for `count` neighbouring items, or 0. A run that does not fit
 * behind the last item starts at a new extent, as only there chunks are
 * neighbours for sure. */
static uint32_t
append_locked(struct pt_timeline *timeline, enum pt_segment segment,
              uint32_t count)
{
    struct pt_array *array = &timeline->array[segment];
    uint32_t shift = array->chunk_shift;
    uint32_t used = atomic_load_explicit(array->items, memory_order_relaxed);
    uint32_t end = array->chunks << shift;
    // Of an array without chunks the reserved items are still to come.
    uint32_t first = used > end ? used - end : 0;
    uint32_t room = first == 0 ? end - used : 0;

    if (count > room) {
        uint32_t needed = ((first + count) >> shift) + 1;
        uint32_t left = PT_CHUNKS_MAX - array->chunks;
        uint32_t run = array->next_run < left ? array->next_run : left;
        uint32_t chunks = needed > run ? needed : run;

        used = end + first;
        if (grow_locked(timeline, segment, chunks) != PT_OK) {
            return 0;
        }
        if (array->next_run < RUN_CHUNKS_MAX) {
            array->next_run *= 2;
        }
    }
    atomic_store_explicit(array->items, used + count, memory_order_release);
    return used;
}

uint32_t
pt_timeline_append(struct pt_timeline *timeline, enum pt_segment segment,
                   uint32_t count)
{
    uint32_t first;

    if (!pt_lock_enter(&timeline->lock)) {
        return 0;
    }
    first = append_locked(timeline, segment, count);
    pt_lock_leave(&timeline->lock);
    if (pt_unlikely(first == 0)) {
        pt_timeline_trouble(timeline, PT_TROUBLE_MEMORY);
    }
    return first;
}

uint32_t
pt_timeline_text(struct pt_timeline *timeline, const char *text, size_t bytes)
{
    struct pt_text *record;
    uint32_t kept = bytes < TEXT_BYTES_MAX ? (uint32_t)bytes : TEXT_BYTES_MAX;
    uint32_t span = ((uint32_t)sizeof(*record) + kept + 3u) & ~3u;
    uint32_t id = pt_timeline_append(timeline, PT_SEGMENT_TEXT, span);

    if (id != 0) {
        record = pt_array_at(&timeline->array[PT_SEGMENT_TEXT], id);
        memcpy(record->data, text, kept);
        record->bytes = kept;
    }
    return id;
}

static int
map_header(struct pt_timeline *timeline, int fd, struct pt_err *err)
{
    struct stat status;
    void *page;

    if (fd < 0) {
        page = pt_rawmem_map(PT_HEADER_BYTES);
        timeline->header = page;
        return page != NULL ? PT_OK : pt_err_set(err, PT_ERR_NOMEM, NO_MEMORY);
    }
    if (fstat(fd, &status) != 0) {
        return pt_err_set(err, PT_ERR_IO, "cannot look at the recording: %s",
                          strerror(errno));
    }
    if (status.st_size < (off_t)PT_HEADER_BYTES) {
        return pt_err_set(err, PT_ERR_FORMAT,
                          "cannot join the recording: its file is too short");
    }
    page =
        mmap(NULL, PT_HEADER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        return pt_err_set(err, PT_ERR_IO, "cannot map the recording: %s",
                          strerror(errno));
    }
    pt_rawmem_account(PT_HEADER_BYTES);
    timeline->header = page;
    timeline->device = status.st_dev;
    timeline->inode = status.st_ino;
    if (memcmp(timeline->header->magic, PT_MAGIC, 8) != 0 ||
        timeline->header->version != PT_FORMAT_VERSION) {
        return pt_err_set(err, PT_ERR_VERSION,
                          "the recording is of another pytrace version; "
                          "install program and package together");
    }
    return PT_OK;
}

/* Most runs have nothing to put there: such arrays start without a chunk. */
static int
is_seldom(enum pt_segment segment)
{
    return segment >= PT_SEGMENT_MODULE && segment <= PT_SEGMENT_FRAME;
}

/* Map this process's own record and reserve index 0 of every segment. */
static int
join(struct pt_timeline *timeline)
{
    struct pt_extent_place place;
    struct pt_process *process;
    int code;

    timeline->process = NULL;
    code = pt_extent_map(timeline, PT_SEGMENT_PROCESS, 0,
                         sizeof(struct pt_process), &place);
    if (code != PT_OK) {
        return code;
    }
    process = (struct pt_process *)place.payload;
    process->number = place.process;
    process->parent = place.process;
    process->pid = (uint32_t)getpid();
    process->start_ns = pt_clock_ns();
    timeline->process = process;
    pt_extent_publish(place.payload);
    for (uint32_t i = PT_SEGMENT_TEXT; i < PT_SEGMENT_COUNT; i++) {
        struct pt_array *array = &timeline->array[i];

        array->item_bytes = pt_segment_item_bytes(i);
        array->chunk_shift = chunk_shift_of[i];
        array->next_run = 1;
        array->items = &process->items[i];
        atomic_store(array->items, i == PT_SEGMENT_TEXT ? 4 : 1);
        if (!is_seldom(i) && grow_locked(timeline, i, 1) != PT_OK) {
            return PT_ERR_NOMEM;
        }
    }
    return PT_OK;
}

int
pt_timeline_attach(struct pt_timeline *timeline, int fd, struct pt_err *err)
{
    int code;

    memset(timeline, 0, sizeof(*timeline));
    timeline->fd = fd;
    pt_seal_init(&timeline->sealed);
    pt_seal_init(&timeline->events);
    code = map_header(timeline, fd, err);
    if (code == PT_OK) {
        code = join(timeline);
        if (code != PT_OK) {
            pt_err_set(err, code, NO_MEMORY);
        }
    }
    if (code != PT_OK) {
        pt_timeline_release(timeline);
    }
    return code;
}

static void
release_array(struct pt_array *array)
{
    size_t chunk_bytes = (size_t)array->item_bytes << array->chunk_shift;

    for (uint32_t i = 0; i < array->chunks; i += array->run[i]) {
        pt_extent_unmap(atomic_load(&array->chunk[i]),
                        array->run[i] * chunk_bytes);
    }
}

void
pt_timeline_release(struct pt_timeline *timeline)
{
    for (uint32_t i = PT_SEGMENT_TEXT; i < PT_SEGMENT_COUNT; i++) {
        release_array(&timeline->array[i]);
    }
    for (uint32_t i = 0; i < PT_STREAMS; i++) {
        pt_stream_release(&timeline->stream[i]);
    }
    pt_seal_release(&timeline->events);
    pt_seal_release(&timeline->sealed);
    if (timeline->process != NULL) {
        pt_extent_unmap((char *)timeline->process, sizeof(struct pt_process));
    }
    if (timeline->header != NULL) {
        pt_rawmem_unmap(timeline->header, PT_HEADER_BYTES);
    }
    pt_rawmem_unmap(timeline->live_at_fork, timeline->live_at_fork_bytes);
    memset(timeline, 0, sizeof(*timeline));
    timeline->fd = -1;
}

uint64_t
pt_timeline_mapped_bytes(const struct pt_timeline *timeline)
{
    uint64_t bytes = PT_HEADER_BYTES + sizeof(struct pt_process) +
                     pt_seal_mapped_bytes(&timeline->sealed) +
                     pt_seal_mapped_bytes(&timeline->events);

    for (uint32_t i = 0; i < PT_STREAMS; i++) {
        bytes += timeline->stream[i].room;
    }
    for (uint32_t i = PT_SEGMENT_TEXT; i < PT_SEGMENT_COUNT; i++) {
        const struct pt_array *array = &timeline->array[i];

        bytes += ((uint64_t)array->item_bytes << array->chunk_shift) *
                 array->chunks;
    }
    return bytes;
}
