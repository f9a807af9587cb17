/* SPDX-License-Identifier: MIT */
/* stream.c - pages of events: beginning one, sealing one, the rare events. */
#include "core/timeline/stream.h"

#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/timeline/extent.h"
#include "core/timeline/timeline.h"

#define BYTES_MAX 1024u
// The longest event without bytes, after those that may have to be put first.
#define SLACK 128u
// Whom a stream belongs to at first, so that the first thread must be told.
#define NOBODY UINT32_MAX

PT_THREAD_LOCAL uint32_t pt_stream_thread;

/* Let what is written belong to `stream->thread` from this moment on. */
static void
begin_page(struct pt_stream *stream, uint64_t ns, uint64_t units)
{
    struct pt_stream_page *page = stream->page;

    // In this order: a page that a packet holds already is left out by its
    // `first`, one that has none of its new events yet is empty.
    atomic_store_explicit(&page->used, 0, memory_order_release);
    page->end_ns = page->end_units = 0;
    page->start_ns = ns;
    page->start_units = units;
    page->thread = stream->thread;
    page->order = stream->order;
    atomic_store_explicit(
        &page->first,
        atomic_load_explicit(&stream->count, memory_order_relaxed),
        memory_order_release);
    stream->units = units;
    stream->untimed = PT_STREAM_UNTIMED;
    stream->code = stream->line = 0;
    stream->at = page->data;
}

static void
read_clocks(const struct pt_stream *stream, uint64_t *ns, uint64_t *units)
{
    struct pt_clock_pair pair = pt_clock_pair(stream->kind);

    *ns = pair.ns;
    *units = pair.ticks >> stream->shift;
}

/* Seal the page and begin it anew. */
PT_COLD static void
turn_page(struct pt_stream *stream)
{
    struct pt_stream_page *page = stream->page;
    struct pt_timeline *timeline = stream->timeline;
    uint64_t first = atomic_load(&page->first);
    struct pt_packet packet = {
        .kind = PT_PACKET_EVENTS,
        .stream = stream->number,
        .first = first,
        .items = (uint32_t)(atomic_load(&stream->count) - first),
        .start_ns = page->start_ns,
        .raw_bytes =
            (uint32_t)(sizeof(*page) + (size_t)(stream->at - page->data)),
    };
    uint64_t ns, units;

    read_clocks(stream, &ns, &units);
    page->end_ns = packet.end_ns = ns;
    page->end_units = units > stream->units ? units : stream->units;
    if (pt_seal_append(timeline, &timeline->events, &packet, page) != PT_OK) {
        atomic_fetch_add(&timeline->process->dropped_events, packet.items);
    }
    begin_page(stream, ns, page->end_units);
}

/* Append bytes that are a whole event. */
static void
append(struct pt_stream *stream, enum pt_event_other other,
       const unsigned char *bytes, size_t count)
{
    unsigned char *at = pt_stream_put_timed(stream, PT_EVENT_OTHER);

    at = pt_varint_put(pt_varint_put(at, other), count);
    memcpy(at, bytes, count);
    pt_stream_commit(stream, at + count);
}

static void
announce(struct pt_stream *stream)
{
    unsigned char bytes[16];
    size_t count = (size_t)(pt_varint_put(bytes, (uint64_t)gettid()) - bytes);

    append(stream, PT_OTHER_THREAD_START, bytes, count);
}

PT_COLD int
pt_stream_prepare_slow(struct pt_stream *stream)
{
    int is_new = pt_stream_thread == 0;

    if (stream->timeline == NULL) {
        return 0;  // never opened: nobody asked for events
    }
    if (stream->page == NULL) {
        atomic_fetch_add(&stream->timeline->process->dropped_events, 1);
        return 0;
    }
    if (stream->at >= stream->limit) {
        turn_page(stream);
    }
    if (is_new) {
        pt_stream_thread = atomic_fetch_add(&stream->timeline->threads, 1) + 1;
    }
    if (stream->thread != pt_stream_thread) {
        stream->thread = pt_stream_thread;
        pt_stream_commit(
            stream, pt_varint_put(stream->at, (uint64_t)pt_stream_thread << 4 |
                                                  PT_EVENT_SWITCH));
    }
    if (is_new) {
        announce(stream);
    }
    return 1;
}

void
pt_stream_note(struct pt_stream *stream, enum pt_event_other other,
               const void *bytes, size_t count)
{
    pt_stream_note_numbers(stream, other, NULL, 0, bytes, count);
}

void
pt_stream_note_numbers(struct pt_stream *stream, enum pt_event_other other,
                       const uint64_t *number, size_t numbers,
                       const void *bytes, size_t count)
{
    unsigned char text[BYTES_MAX + 64], *at = text;

    for (size_t i = 0; i < numbers; i++) {
        at = pt_varint_put(at, number[i]);
    }
    count = count < BYTES_MAX ? count : BYTES_MAX;
    if (count != 0) {
        memcpy(at, bytes, count);
    }
    at += count;
    if (!pt_stream_is_ready(stream)) {
        return;
    }
    // What stands in front of the bytes has room behind the limit.
    if (stream->limit - stream->at < at - text) {
        turn_page(stream);
    }
    append(stream, other, text, (size_t)(at - text));
}

/* This thread has the lock of a stream: what a signal handler that interrupted
 * it, or another handler of fork(), does with memory cannot be told. */
static PT_THREAD_LOCAL int has_lock;

/* Append an event without a time, as one that knows its place among those of
 * the other stream. */
static void
append_free(struct pt_stream *stream, enum pt_event_code code,
            uint64_t operand)
{
    const struct pt_stream *gil = &stream->timeline->stream[PT_STREAM_GIL];
    uint64_t order;

    if (pt_unlikely(has_lock)) {
        atomic_fetch_add(&stream->timeline->process->dropped_events, 1);
        return;
    }
    has_lock = 1;
    pthread_mutex_lock(&stream->lock);
    order = atomic_load_explicit(&gil->count, memory_order_relaxed);
    if (pt_stream_is_ready(stream)) {
        if (order > stream->order) {
            pt_stream_commit(
                stream,
                pt_varint_put(stream->at,
                              (order - stream->order) << 4 | PT_EVENT_ORDER));
            stream->order = order;
        }
        pt_stream_stamp(stream);
        pt_stream_commit(stream,
                         pt_varint_put(stream->at, operand << 4 | code));
    }
    pthread_mutex_unlock(&stream->lock);
    has_lock = 0;
}

void
pt_stream_block_free(struct pt_stream *stream, enum pt_event_code code,
                     uint32_t pair)
{
    append_free(stream, code, pair);
}

void
pt_stream_native(struct pt_stream *stream, uint32_t pair, int is_birth)
{
    append_free(stream, PT_EVENT_NATIVE, (uint64_t)pair << 1 | !is_birth);
}

/* Map a page; the stream is as it was when there is no memory for it. */
static int
map_page(struct pt_stream *stream)
{
    struct pt_timeline *timeline = stream->timeline;
    struct pt_extent_place place;
    uint64_t ns, units;
    int code;

    if (!pt_lock_enter(&timeline->lock)) {
        return PT_ERR_NOMEM;
    }
    code = pt_extent_map(timeline, PT_SEGMENT_STREAM, stream->number,
                         sizeof(struct pt_stream_page) + stream->room, &place);
    pt_lock_leave(&timeline->lock);
    if (code != PT_OK) {
        return code;
    }
    stream->page = (struct pt_stream_page *)place.payload;
    stream->page->stream = stream->number;
    stream->limit = stream->page->data + stream->room - SLACK;
    read_clocks(stream, &ns, &units);
    begin_page(stream, ns, units);
    return PT_OK;
}

static void
unmap_page(struct pt_stream *stream)
{
    if (stream->page != NULL) {
        pt_extent_unmap((char *)stream->page,
                        sizeof(struct pt_stream_page) + stream->room);
    }
    stream->page = NULL;
    stream->at = stream->limit = NULL;
}

int
pt_stream_open(struct pt_timeline *timeline, enum pt_stream_number number,
               size_t page_bytes)
{
    struct pt_stream *stream = &timeline->stream[number];

    stream->timeline = timeline;
    stream->number = number;
    stream->kind = (enum pt_tick_kind)timeline->header->tick_kind;
    stream->shift = timeline->header->tick_shift & 31;
    stream->thread = NOBODY;
    stream->room = (uint32_t)(page_bytes - sizeof(struct pt_stream_page));
    pthread_mutex_init(&stream->lock, NULL);
    return map_page(stream);
}

void
pt_stream_before_fork(struct pt_stream *stream)
{
    if (stream->timeline != NULL) {
        pthread_mutex_lock(&stream->lock);
        has_lock = 1;
    }
}

void
pt_stream_after_fork_parent(struct pt_stream *stream)
{
    if (stream->timeline != NULL) {
        pthread_mutex_unlock(&stream->lock);
        has_lock = 0;
    }
}

void
pt_stream_after_fork_child(struct pt_stream *stream, int has_moved)
{
    if (stream->timeline == NULL) {
        return;
    }
    // The page is the parent's.
    unmap_page(stream);
    atomic_store(&stream->count, 0);
    stream->order = 0;
    stream->thread = NOBODY;
    if (has_moved && map_page(stream) != PT_OK) {
        pt_timeline_trouble(stream->timeline, PT_TROUBLE_MEMORY);
    }
    pthread_mutex_unlock(&stream->lock);
    has_lock = 0;
}

void
pt_stream_cut(struct pt_stream *stream)
{
    unmap_page(stream);
}

void
pt_stream_release(struct pt_stream *stream)
{
    if (stream->timeline != NULL) {
        unmap_page(stream);
        pthread_mutex_destroy(&stream->lock);
        stream->timeline = NULL;
    }
}
