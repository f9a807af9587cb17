/* SPDX-License-Identifier: MIT */
/* timeline.h - the writing side of a recording, one for each process.
 *
 * The supervisor creates the file; the traced process attaches to it, then
 * appends items to its segments and writes them in place. Appending takes a
 * short lock and is meant for things seen for the first time; counting goes
 * straight to the item. All of it is hook-safe: no Python, no malloc.
 *
 * When file space runs out the arrays go on in anonymous memory: the program
 * is not disturbed, and `trouble` says that the recording is incomplete.
 */
#ifndef PT_CORE_TIMELINE_TIMELINE_H
#define PT_CORE_TIMELINE_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/lock.h"
#include "core/timeline/array.h"
#include "core/timeline/recording.h"
#include "core/timeline/seal.h"
#include "core/timeline/stream.h"

#define PT_PAIR_SHIFT PT_SIZE(11, 1)  // a chunk of pairs is 1 << this many
#define PT_NATIVE_SHIFT PT_SIZE(10, 1)

struct pt_timeline {
    int fd;           // -1: anonymous memory only
    uint64_t device;  // identity of the file: the program may close
    uint64_t inode;   // our descriptor and open another under its number
    struct pt_header *header;
    struct pt_process *process;
    struct pt_lock lock;  // guards growth of every array
    struct pt_array array[PT_SEGMENT_COUNT];
    struct pt_seal sealed;  // packets to be kept to the end
    struct pt_seal events;  // packets of the streams
    struct pt_stream stream[PT_STREAMS];
    _Atomic uint32_t threads;  // thread numbers handed out
    // What the child of a fork goes on from: its number, and copies.
    uint32_t number_at_fork;
    struct pt_process process_at_fork;
    int64_t *live_at_fork;
    size_t live_at_fork_bytes;
};

/* Write a new header into the empty file `fd`. Supervisor only. */
PT_MUST_CHECK int pt_timeline_create(int fd, const struct pt_header *values,
                                     struct pt_err *err);

/* Join the recording in `fd` as a new process. With `fd` -1 everything is kept
 * in anonymous memory (the drop-in modules, which have no supervisor). On
 * failure nothing is held. */
PT_MUST_CHECK int pt_timeline_attach(struct pt_timeline *timeline, int fd,
                                     struct pt_err *err);

/* Unmap everything. Nobody may hold an item any more. */
void pt_timeline_release(struct pt_timeline *timeline);

/* Append `count` neighbouring zeroed items; the index of the first, or 0 when
 * there is no memory for them, or in a signal handler that interrupted this
 * thread in here. Hook-safe. Any thread. */
uint32_t pt_timeline_append(struct pt_timeline *timeline,
                            enum pt_segment segment, uint32_t count);

/* Append a text of `bytes` bytes; 0 when there is no memory. Longer texts than
 * 32 KiB are cut. Hook-safe. Any thread. */
uint32_t pt_timeline_text(struct pt_timeline *timeline, const char *text,
                          size_t bytes);

/* Note trouble for the report. Hook-safe. Any thread. */
void pt_timeline_trouble(struct pt_timeline *timeline,
                         enum pt_trouble trouble);

/* The three handlers of pthread_atfork. The child gets extents of its own
 * under the same addresses, its line counts start from zero, and its live
 * blocks are those it inherited. When that fails the child must not write to
 * the timeline any more: it is still its parent's. */
void pt_timeline_before_fork(struct pt_timeline *timeline);
void pt_timeline_after_fork_parent(struct pt_timeline *timeline);
PT_MUST_CHECK int pt_timeline_after_fork_child(struct pt_timeline *timeline);

/* Cut the timeline off from its file: every address stays valid and writable,
 * what is written there is lost. For a forked child that could not get extents
 * of its own. PT_ERR_NOMEM: some of it is still its parent's. Hook-safe. */
PT_MUST_CHECK int pt_timeline_isolate(struct pt_timeline *timeline);

/* Bytes of the recording that this process has mapped. No append may run
 * meanwhile. */
uint64_t pt_timeline_mapped_bytes(const struct pt_timeline *timeline);

#endif
