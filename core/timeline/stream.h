/* SPDX-License-Identifier: MIT */
/* stream.h - writing events.
 *
 * Events go, packed, into a page that lies in the recording; a full page is
 * sealed and begun anew. So a killed process loses nothing: what is below
 * `page->used` counts. An event's number is its place in its stream, and the
 * order of events is that of their numbers; times may tie.
 *
 * PT_STREAM_GIL is written by whoever holds the main interpreter's GIL and has
 * no lock of its own. PT_STREAM_FREE takes one, and says of its events how
 * many GIL events were before them.
 *
 * Always true: page->used = at - page->data; without a page at >= limit.
 */
#ifndef PT_CORE_TIMELINE_STREAM_H
#define PT_CORE_TIMELINE_STREAM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/varint.h"
#include "core/timeline/recording.h"

// How many events without a time may follow each other.
#define PT_STREAM_UNTIMED 32

struct pt_timeline;

struct pt_stream {
    unsigned char *at;  // where the next event goes
    unsigned char *limit;
    struct pt_stream_page *page;
    _Atomic uint64_t count;  // events so far; written by the stream's owner
    uint64_t units;          // time of the last event that had one
    uint32_t thread;         // whose events are being written
    uint32_t untimed;        // events until one must have a time
    uint32_t code;           // of the last line,
    uint32_t line;           // and the line
    enum pt_tick_kind kind;
    uint32_t shift;
    uint32_t number;  // enum pt_stream_number
    uint32_t room;    // bytes of the page's data
    uint64_t order;   // GIL events before the last event: PT_STREAM_FREE
    struct pt_timeline *timeline;
    pthread_mutex_t lock;  // PT_STREAM_FREE
};

/* The number of the calling thread, 0 before it has one. */
extern PT_THREAD_LOCAL uint32_t pt_stream_thread;

/* Give a stream a page of `page_bytes` with its head. Before that it takes no
 * events; when this fails (PT_ERR_NOMEM) they are dropped and counted. */
PT_MUST_CHECK int pt_stream_open(struct pt_timeline *timeline,
                                 enum pt_stream_number number,
                                 size_t page_bytes);

/* Around a fork. The child begins with an empty page of its own, if it has a
 * record of its own to file it under; else its events are dropped. */
void pt_stream_before_fork(struct pt_stream *stream);
void pt_stream_after_fork_parent(struct pt_stream *stream);
void pt_stream_after_fork_child(struct pt_stream *stream, int has_moved);

/* Cut off from the file: events are dropped from now on. Hook-safe. */
void pt_stream_cut(struct pt_stream *stream);

/* Give the page back. */
void pt_stream_release(struct pt_stream *stream);

/* Append one of the rare events, with `count` bytes, which are cut at 1 KiB.
 * Hook-safe, with the GIL. */
void pt_stream_note(struct pt_stream *stream, enum pt_event_other other,
                    const void *bytes, size_t count);

/* The same with numbers in front of the bytes. */
void pt_stream_note_numbers(struct pt_stream *stream,
                            enum pt_event_other other, const uint64_t *number,
                            size_t numbers, const void *bytes, size_t count);

/* A block of a pair was born or died and no GIL is held, or perhaps not.
 * Hook-safe. Any thread. */
void pt_stream_block_free(struct pt_stream *stream, enum pt_event_code code,
                          uint32_t pair);

/* The same of a block of a native pair. */
void pt_stream_native(struct pt_stream *stream, uint32_t pair, int is_birth);

/* Make ready for an event of the calling thread: 0 when it must be dropped,
 * and then it is counted. */
int pt_stream_prepare_slow(struct pt_stream *stream);

PT_INLINE int
pt_stream_is_ready(struct pt_stream *stream)
{
    if (pt_likely(stream->at < stream->limit &&
                  stream->thread == pt_stream_thread)) {
        return 1;
    }
    return pt_stream_prepare_slow(stream);
}

PT_INLINE unsigned char *
pt_stream_put_timed(struct pt_stream *stream, enum pt_event_code code)
{
    uint64_t units = pt_clock_ticks(stream->kind) >> stream->shift;
    uint64_t passed = 0;

    if (pt_likely(units > stream->units)) {
        passed = units - stream->units;
        stream->units = units;
    }
    stream->untimed = PT_STREAM_UNTIMED;
    return pt_varint_put(stream->at, passed << 4 | code);
}

/* Make what was written up to `at` an event. */
PT_INLINE void
pt_stream_commit(struct pt_stream *stream, unsigned char *at)
{
    stream->at = at;
    atomic_store_explicit(
        &stream->count,
        atomic_load_explicit(&stream->count, memory_order_relaxed) + 1,
        memory_order_relaxed);
    atomic_store_explicit(&stream->page->used,
                          (uint32_t)(at - stream->page->data),
                          memory_order_release);
}

/* CALL, RESUME or THROW of a code object's id. Budget: 15 instructions and
 * the clock. Hook-safe, with the GIL. */
PT_INLINE void
pt_stream_enter(struct pt_stream *stream, enum pt_event_code code, uint32_t id)
{
    if (pt_likely(pt_stream_is_ready(stream))) {
        unsigned char *at = pt_stream_put_timed(stream, code);

        pt_stream_commit(stream, pt_varint_put(at, id));
    }
}

/* RETURN, YIELD or UNWIND. Hook-safe, with the GIL. */
PT_INLINE void
pt_stream_leave(struct pt_stream *stream, enum pt_event_code code)
{
    if (pt_likely(pt_stream_is_ready(stream))) {
        pt_stream_commit(stream, pt_stream_put_timed(stream, code));
    }
}

/* Give what follows a time, if it was long ago that something had one. */
PT_INLINE void
pt_stream_stamp(struct pt_stream *stream)
{
    if (pt_unlikely(--stream->untimed == 0)) {
        pt_stream_commit(stream, pt_stream_put_timed(stream, PT_EVENT_TIME));
    }
}

/* ALLOC or FREE of a block of a pair. Hook-safe, with the GIL. */
PT_INLINE void
pt_stream_block(struct pt_stream *stream, enum pt_event_code code,
                uint32_t pair)
{
    if (pt_likely(pt_stream_is_ready(stream))) {
        pt_stream_stamp(stream);
        pt_stream_commit(
            stream, pt_varint_put(stream->at, (uint64_t)pair << 4 | code));
    }
}

/* A line of a code object's id is reached. Hook-safe, with the GIL. */
PT_INLINE void
pt_stream_line(struct pt_stream *stream, uint32_t id, uint32_t line)
{
    int32_t step = (int32_t)(line - stream->line);
    unsigned char *at;

    if (pt_unlikely(!pt_stream_is_ready(stream))) {
        return;
    }
    pt_stream_stamp(stream);
    if (pt_likely(id == stream->code)) {
        // 0, -1, 1, -2, ... are 0, 1, 2, 3, ...
        uint32_t folded = (uint32_t)step << 1 ^ (uint32_t)(step >> 31);

        at = pt_varint_put(stream->at, (uint64_t)folded << 4 | PT_EVENT_LINE);
    }
    else {
        at = pt_varint_put(stream->at, PT_EVENT_PLACE);
        at = pt_varint_put(pt_varint_put(at, id), line);
        stream->code = id;
    }
    stream->line = line;
    pt_stream_commit(stream, at);
}

#endif
