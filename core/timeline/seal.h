/* SPDX-License-Identifier: MIT */
/* seal.h - writing packets that are never written again.
 *
 * What is done with (a full buffer of events, a snapshot) is packed, given a
 * checksum and appended to extents of the segment `sealed`, one packet behind
 * the other. A packet counts once its magic is there, which is stored last: a
 * process killed at any moment leaves all earlier packets, and of the last one
 * either all or nothing. Only the extent being filled is mapped.
 *
 * A packet that finds no room is dropped and counted in
 * process.dropped_sealed; nothing else is disturbed.
 */
#ifndef PT_CORE_TIMELINE_SEAL_H
#define PT_CORE_TIMELINE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/base/lock.h"
#include "core/timeline/recording.h"

struct pt_timeline;

#define PT_RING_EXTENTS_MAX 1024u

/* An extent of a ring that is full. */
struct pt_seal_past {
    uint64_t offset;
    uint64_t newest_ns;  // end of its last packet
};

struct pt_seal {
    struct pt_lock lock;  // guards the rest
    char *payload;        // of the extent being filled, or NULL
    size_t used;
    size_t room;
    uint32_t extents;  // made so far
    char *work;        // the packer's state, and room for one packet
    // A ring keeps only the end of what is appended: extents whose time has
    // come are filled once more.
    uint64_t ring_bytes;  // so many bytes of extents, 0: any number
    uint64_t last_ns;     // or what is no older than this, 0: of any age
    size_t ring_room;     // bytes of payload of each, 0: this is no ring
    uint64_t newest_ns;
    uint32_t past_first;  // the oldest in `past`, which goes round
    uint32_t pasts;
    struct pt_seal_past past[PT_RING_EXTENTS_MAX];
};

/* An empty one, holding nothing. */
void pt_seal_init(struct pt_seal *seal);

/* Make it a ring; before anything is appended. */
void pt_seal_make_ring(struct pt_seal *seal, uint64_t ring_bytes,
                       uint64_t last_ns);

/* Append a packet. Of `what` these are taken: kind, stream, first, items,
 * note, start_ns, end_ns and raw_bytes (1 to PT_PACKET_RAW_MAX), the size of
 * `raw`.
 * PT_ERR_NOSPACE or PT_ERR_NOMEM: it is dropped and counted, as it is in a
 * signal handler that interrupted this thread in here. Hook-safe. Any
 * thread. */
PT_MUST_CHECK int pt_seal_append(struct pt_timeline *timeline,
                                 struct pt_seal *seal,
                                 const struct pt_packet *what,
                                 const void *raw);

/* Around a fork, in the order of pthread_atfork. The child begins an extent of
 * its own with its next packet. */
void pt_seal_before_fork(struct pt_seal *seal);
void pt_seal_after_fork_parent(struct pt_seal *seal);
void pt_seal_after_fork_child(struct pt_seal *seal);

/* Give back what is mapped. Nobody may be appending. */
void pt_seal_release(struct pt_seal *seal);

/* Bytes of the recording that are mapped here. */
size_t pt_seal_mapped_bytes(const struct pt_seal *seal);

#endif
