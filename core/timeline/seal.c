/* SPDX-License-Identifier: MIT */
/* seal.c - packing a packet and putting it behind the others. */
#include "core/timeline/seal.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <lz4.h>

#include "core/base/error.h"
#include "core/base/rawmem.h"
#include "core/timeline/extent.h"
#include "core/timeline/packet.h"
#include "core/timeline/timeline.h"

#define EXTENT_BYTES_MIN PT_SIZE(64u << 10, 4u << 10)
#define EXTENT_BYTES_MAX PT_SIZE(1u << 20, 8u << 10)
// A ring is so many extents, each with room for the largest page of events.
#define RING_PARTS 8u
#define RING_EXTENT_BYTES (128u << 10)

/* LZ4's state needs the alignment of a word, which a mapping has. */
#define STATE_BYTES sizeof(LZ4_stream_t)
#define WORK_BYTES (STATE_BYTES + PT_PACKET_RAW_MAX)

void
pt_seal_init(struct pt_seal *seal)
{
    memset(seal, 0, sizeof(*seal));
}

static void
leave_extent(struct pt_seal *seal)
{
    if (seal->payload != NULL) {
        pt_extent_unmap(seal->payload, seal->room);
    }
    seal->payload = NULL;
    seal->used = seal->room = 0;
}

void
pt_seal_make_ring(struct pt_seal *seal, uint64_t ring_bytes, uint64_t last_ns)
{
    uint64_t bytes = ring_bytes != 0 ? ring_bytes / RING_PARTS
                                     : RING_EXTENT_BYTES;

    bytes = bytes < RING_EXTENT_BYTES ? RING_EXTENT_BYTES : bytes;
    seal->ring_bytes = ring_bytes;
    seal->last_ns = last_ns;
    seal->ring_room = bytes / 4096 * 4096 - sizeof(struct pt_extent);
}

/* Is it time to fill the oldest extent of a ring once more? */
static int
oldest_is_due(const struct pt_seal *seal, uint64_t now_ns)
{
    uint64_t bytes = (seal->pasts + 1) *
                     (uint64_t)(seal->ring_room + sizeof(struct pt_extent));

    if (seal->pasts == 0) {
        return 0;
    }
    return seal->pasts == PT_RING_EXTENTS_MAX ||
           (seal->ring_bytes != 0 && bytes > seal->ring_bytes) ||
           (seal->last_ns != 0 &&
            seal->past[seal->past_first].newest_ns + seal->last_ns < now_ns);
}

/* Begin an extent of a ring: a new one, or the oldest once more. */
static int
begin_ring_extent(struct pt_timeline *timeline, struct pt_seal *seal,
                  uint64_t now_ns, struct pt_extent_place *place)
{
    struct pt_seal_past *oldest = &seal->past[seal->past_first];

    if (!oldest_is_due(seal, now_ns)) {
        return pt_extent_map_file(timeline, PT_SEGMENT_SEALED, seal->extents,
                                  seal->ring_room, place);
    }
    seal->past_first = (seal->past_first + 1) % PT_RING_EXTENTS_MAX;
    seal->pasts--;
    return pt_extent_reuse(timeline, oldest->offset, seal->extents,
                           seal->ring_room, place);
}

/* Note the extent that is being left, to be filled once more. */
static void
keep_past(struct pt_seal *seal)
{
    uint32_t at = (seal->past_first + seal->pasts) % PT_RING_EXTENTS_MAX;

    if (seal->payload != NULL && seal->ring_room != 0) {
        seal->past[at] = (struct pt_seal_past){pt_extent_offset(seal->payload),
                                               seal->newest_ns};
        seal->pasts++;
    }
}

/* Extents grow with what is written, so that small runs stay small. */
static int
begin_extent(struct pt_timeline *timeline, struct pt_seal *seal, size_t needed,
             uint64_t now_ns)
{
    uint32_t doublings = seal->extents < 10 ? seal->extents : 10;
    size_t bytes = (size_t)EXTENT_BYTES_MIN << doublings;
    struct pt_extent_place place;
    int code;

    keep_past(seal);
    leave_extent(seal);
    bytes = bytes < EXTENT_BYTES_MAX ? bytes : EXTENT_BYTES_MAX;
    bytes -= sizeof(struct pt_extent);
    bytes = bytes > needed ? bytes : needed;
    if (!pt_lock_enter(&timeline->lock)) {
        return PT_ERR_NOMEM;
    }
    if (seal->ring_room != 0) {
        bytes = seal->ring_room;
        code = begin_ring_extent(timeline, seal, now_ns, &place);
    }
    else {
        code = pt_extent_map_file(timeline, PT_SEGMENT_SEALED, seal->extents,
                                  bytes, &place);
    }
    pt_lock_leave(&timeline->lock);
    if (code == PT_OK) {
        seal->payload = place.payload;
        seal->room = bytes;
        seal->extents++;
    }
    return code;
}

/* The bytes to be stored for `raw`, and how many in *bytes: packed, or as they
 * are when that does not make them fewer. */
static const void *
pack(struct pt_seal *seal, const void *raw, uint32_t raw_bytes,
     uint32_t *bytes)
{
    char *packed = seal->work + STATE_BYTES;
    int made = LZ4_compress_fast_extState(
        seal->work, raw, packed, (int)raw_bytes, (int)raw_bytes - 1, 1);

    *bytes = made > 0 ? (uint32_t)made : raw_bytes;
    return made > 0 ? packed : raw;
}

static void
put(struct pt_seal *seal, struct pt_packet *head, const void *bytes)
{
    char *at = seal->payload + seal->used;
    struct pt_packet *packet = (struct pt_packet *)at;

    memcpy(at + sizeof(*head), bytes, head->packed_bytes);
    head->magic = PT_PACKET_MAGIC;
    head->check = pt_packet_check(head, bytes);
    memcpy(at + sizeof(head->magic), (char *)head + sizeof(head->magic),
           sizeof(*head) - sizeof(head->magic));
    atomic_store_explicit((_Atomic uint32_t *)&packet->magic, PT_PACKET_MAGIC,
                          memory_order_release);
    seal->used += pt_packet_span(head);
}

static int
append_locked(struct pt_timeline *timeline, struct pt_seal *seal,
              struct pt_packet *head, const void *raw)
{
    const void *bytes;

    if (seal->work == NULL) {
        seal->work = pt_rawmem_map(WORK_BYTES);
        if (seal->work == NULL) {
            return PT_ERR_NOMEM;
        }
    }
    bytes = pack(seal, raw, head->raw_bytes, &head->packed_bytes);
    if (seal->room - seal->used < pt_packet_span(head)) {
        int code =
            begin_extent(timeline, seal, pt_packet_span(head), head->end_ns);

        if (code != PT_OK) {
            return code;
        }
    }
    put(seal, head, bytes);
    seal->newest_ns = head->end_ns;
    return PT_OK;
}

int
pt_seal_append(struct pt_timeline *timeline, struct pt_seal *seal,
               const struct pt_packet *what, const void *raw)
{
    struct pt_packet head = *what;
    int number = errno;  // the hooked program's, which did not call us
    int code = PT_ERR_NOMEM;

    head.process = timeline->process->number;
    if (pt_lock_enter(&seal->lock)) {
        code = append_locked(timeline, seal, &head, raw);
        pt_lock_leave(&seal->lock);
    }
    if (code != PT_OK) {
        atomic_fetch_add(&timeline->process->dropped_sealed, 1);
        pt_timeline_trouble(timeline, code == PT_ERR_NOMEM ? PT_TROUBLE_MEMORY
                                                           : PT_TROUBLE_SPACE);
    }
    errno = number;
    return code;
}

void
pt_seal_before_fork(struct pt_seal *seal)
{
    pt_lock_before_fork(&seal->lock);
}

void
pt_seal_after_fork_parent(struct pt_seal *seal)
{
    pt_lock_after_fork_parent(&seal->lock);
}

void
pt_seal_after_fork_child(struct pt_seal *seal)
{
    leave_extent(seal);
    // Those of a ring are the parent's.
    seal->extents = seal->pasts = 0;
    pt_lock_after_fork_child(&seal->lock);
}

void
pt_seal_release(struct pt_seal *seal)
{
    leave_extent(seal);
    pt_rawmem_unmap(seal->work, WORK_BYTES);
    seal->work = NULL;
}

size_t
pt_seal_mapped_bytes(const struct pt_seal *seal)
{
    return seal->room;
}
