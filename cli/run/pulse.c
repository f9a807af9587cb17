/* SPDX-License-Identifier: MIT */
/* pulse.c - finding processes as they come, sampling them, thinning out.
 *
 * Samples of a process lie in extents that grow by doubling. At PT_SAMPLES_MAX
 * every other one is taken out, and from then on only every other beat makes
 * one: so a run of any length has its whole course, and bounded samples.
 */
#include "cli/run/pulse.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/rawmem.h"
#include "core/timeline/extent.h"
#include "core/timeline/timeline.h"

#define PIECES_MAX 16
#define FIRST_ITEMS 63u  // with the extent's head one page
#define WATCHED_MAX 256  // more processes at a time are not sampled
#define PATIENCE 100     // beats for which a process may be on its way

struct watched {
    struct pt_process *record;  // mapped
    int statm;                  // of /proc, -1 when it is gone
    uint32_t beats;
    uint32_t stride;  // a sample each so many beats
    uint32_t used;
    uint32_t room;
    struct pt_sample *piece[PIECES_MAX];
    uint32_t pieces;
};

struct pt_pulse {
    struct pt_timeline *timeline;  // only to get extents by
    struct pt_header *header;
    uint64_t page_bytes;
    struct watched watched[WATCHED_MAX];
    uint32_t count;
    uint64_t seen;      // processes that were handed a number at the last look
    uint32_t patience;  // beats left to look for the last of them
    unsigned char known[PT_PROCESSES_MAX / 8];  // a bit for each process met
};

struct pt_pulse *
pt_pulse_new(int fd, struct pt_header *header)
{
    struct pt_pulse *pulse = pt_rawmem_array(1, sizeof(*pulse));
    struct stat status;

    if (pulse == NULL || fstat(fd, &status) != 0) {
        pt_rawmem_free(pulse);
        return NULL;
    }
    pulse->timeline = pt_rawmem_map(sizeof(*pulse->timeline));
    if (pulse->timeline == NULL) {
        pt_rawmem_free(pulse);
        return NULL;
    }
    pulse->timeline->fd = fd;
    pulse->timeline->device = status.st_dev;
    pulse->timeline->inode = status.st_ino;
    pulse->timeline->header = header;
    pulse->header = header;
    pulse->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    return pulse;
}

/* True once for each process. */
static int
is_new(struct pt_pulse *pulse, uint32_t number)
{
    unsigned char bit = (unsigned char)(1u << number % 8);
    int result =
        number < PT_PROCESSES_MAX && (pulse->known[number / 8] & bit) == 0;

    if (result) {
        pulse->known[number / 8] |= bit;
    }
    return result;
}

/* Begin to watch the process whose record is the payload of an extent. */
static void
watch(struct pt_pulse *pulse, const struct pt_extent *extent)
{
    struct watched *watched = &pulse->watched[pulse->count];
    char path[64];
    char *map;

    if (pulse->count == WATCHED_MAX || !is_new(pulse, extent->process)) {
        return;
    }
    map = mmap(NULL, extent->bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
               pulse->timeline->fd, (off_t)extent->offset);
    if (map == MAP_FAILED) {
        return;
    }
    // As extent.c does, which will unmap it.
    pt_rawmem_account((int64_t)extent->bytes);
    *watched = (struct watched){
        .record = (struct pt_process *)(map + sizeof(struct pt_extent)),
        .stride = 1};
    snprintf(path, sizeof(path), "/proc/%u/statm", watched->record->pid);
    watched->statm = open(path, O_RDONLY | O_CLOEXEC);
    if (watched->statm < 0) {
        pt_rawmem_unmap(map, extent->bytes);
        return;
    }
    pulse->count++;
}

/* Walk the extents for records of processes. */
static void
look_for_processes(struct pt_pulse *pulse)
{
    uint64_t align = pulse->header->align_bytes, offset = align;
    uint64_t end = atomic_load(&pulse->header->file_end);
    struct pt_extent extent;

    while (offset < end && pread(pulse->timeline->fd, &extent, sizeof(extent),
                                 (off_t)offset) == sizeof(extent)) {
        if (extent.magic != PT_EXTENT_MAGIC || extent.offset != offset ||
            extent.check != pt_extent_check(&extent) || extent.bytes == 0) {
            offset += align;
            continue;
        }
        if (extent.segment == PT_SEGMENT_PROCESS) {
            watch(pulse, &extent);
        }
        offset += extent.bytes;
    }
}

static struct pt_sample *
sample_at(const struct watched *watched, uint32_t index)
{
    uint32_t items = FIRST_ITEMS;

    for (uint32_t i = 0; i < watched->pieces; i++, items *= 2) {
        if (index < items) {
            return &watched->piece[i][index];
        }
        index -= items;
    }
    return NULL;
}

static void
thin_out(struct watched *watched)
{
    uint32_t kept = watched->used / 2;

    for (uint32_t i = 0; i < watched->used; i++) {
        struct pt_sample none = {0};

        *sample_at(watched, i) = i < kept ? *sample_at(watched, 2 * i) : none;
    }
    watched->used = kept;
    watched->stride *= 2;
}

/* Room for one more sample: 0 when there is none. */
static int
make_room(struct pt_pulse *pulse, struct watched *watched)
{
    uint32_t items = FIRST_ITEMS << watched->pieces;
    struct pt_extent_place place;

    if (watched->used < watched->room) {
        return 1;
    }
    if (watched->room + items > PT_SAMPLES_MAX ||
        watched->pieces == PIECES_MAX) {
        thin_out(watched);
        return 1;
    }
    pulse->timeline->process = watched->record;
    if (pt_extent_map_file(pulse->timeline, PT_SEGMENT_SAMPLE, watched->room,
                           items * sizeof(struct pt_sample),
                           &place) != PT_OK) {
        return 0;
    }
    watched->piece[watched->pieces++] = (struct pt_sample *)place.payload;
    watched->room += items;
    return 1;
}

static void
unmap_process(struct watched *watched)
{
    for (uint32_t i = 0; i < watched->pieces; i++) {
        pt_extent_unmap((char *)watched->piece[i],
                        (FIRST_ITEMS << i) * sizeof(struct pt_sample));
    }
    pt_extent_unmap((char *)watched->record, sizeof(struct pt_process));
    if (watched->statm >= 0) {
        close(watched->statm);
    }
}

/* Resident bytes, or 0 when the process is gone. */
static uint64_t
read_resident(const struct pt_pulse *pulse, const struct watched *watched)
{
    char text[128];
    ssize_t got = pread(watched->statm, text, sizeof(text) - 1, 0);
    char *second;

    if (got <= 0) {
        return 0;
    }
    text[got] = '\0';
    second = strchr(text, ' ');
    return second != NULL ? strtoull(second, NULL, 10) * pulse->page_bytes : 0;
}

/* 0 when the process is gone. */
static int
sample(struct pt_pulse *pulse, struct watched *watched, uint64_t now_ns)
{
    const struct pt_process *record = watched->record;
    uint64_t resident;

    if (watched->beats++ % watched->stride != 0) {
        return 1;
    }
    resident = read_resident(pulse, watched);
    if (resident == 0) {
        return 0;
    }
    if (make_room(pulse, watched)) {
        *sample_at(watched, watched->used++) = (struct pt_sample){
            .time_ns = now_ns,
            .traced_bytes = atomic_load(&record->traced_bytes) +
                            (uint64_t)atomic_load(&record->raw_bytes),
            .rss_bytes = resident,
            .tool_bytes = atomic_load(&record->tool_mapped_bytes),
        };
    }
    return 1;
}

void
pt_pulse_beat(void *context)
{
    struct pt_pulse *pulse = context;
    uint32_t processes;
    struct pt_clock_pair now;

    if (pulse == NULL) {
        return;
    }
    now = pt_clock_pair((enum pt_tick_kind)pulse->header->tick_kind);
    atomic_store(&pulse->header->latest_ns, now.ns);
    atomic_store(&pulse->header->latest_ticks, now.ticks);
    processes = atomic_load(&pulse->header->processes);
    if (processes != pulse->seen) {
        pulse->seen = processes;
        pulse->patience = PATIENCE;
    }
    if (pulse->patience != 0) {
        pulse->patience--;
        look_for_processes(pulse);
    }
    for (uint32_t i = 0; i < pulse->count;) {
        if (sample(pulse, &pulse->watched[i], now.ns)) {
            i++;
            continue;
        }
        unmap_process(&pulse->watched[i]);
        pulse->watched[i] = pulse->watched[--pulse->count];
    }
}

void
pt_pulse_free(struct pt_pulse *pulse)
{
    if (pulse == NULL) {
        return;
    }
    for (uint32_t i = 0; i < pulse->count; i++) {
        unmap_process(&pulse->watched[i]);
    }
    pt_rawmem_unmap(pulse->timeline, sizeof(*pulse->timeline));
    pt_rawmem_free(pulse);
}
