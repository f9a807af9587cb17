/* SPDX-License-Identifier: MIT */
/* eventlog.c - one row of events out of packets, pages and two streams.
 *
 * A stream's events are in its packets, in order, and then in the page that
 * its process was filling. A page that was sealed just before the process was
 * killed is in both: it is left out the second time, by its first number.
 *
 * A process that runs on may put packets into extents that the reader does not
 * know of. So the page is copied before packets are looked at: if there is a
 * gap between them, the events end there.
 */
#include "core/timeline/eventlog.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/rawmem.h"
#include "core/timeline/packets.h"
#include "core/timeline/page.h"
#include "core/timeline/pieces.h"

/* One stream, and its next event. */
struct source {
    uint32_t stream;
    int is_last_page;  // behind the packets
    int is_cut;        // what follows is in extents of later
    int has_event;
    struct pt_packets *packets;
    struct pt_page page;
    uint64_t next;  // number expected next
    uint64_t lost;
    void *copy;  // of the last page
    size_t copy_bytes;
    uint64_t order;  // of `event`
    struct pt_event event;
};

struct pt_eventlog {
    const struct pt_reader *reader;
    uint32_t process;
    struct pt_page_rate rate;
    struct source source[PT_STREAMS];
    struct source *taken;  // whose event was returned last,
    uint64_t latest_ns;    // and the latest time of one
    uint64_t sequence;
};

/* Of the run as a whole, as far as the supervisor measured it. */
static struct pt_page_rate
rate_of(const struct pt_header *header)
{
    uint64_t latest_ticks = atomic_load(&header->latest_ticks);
    uint64_t latest_ns = atomic_load(&header->latest_ns);
    double ticks = (double)(UINT64_C(1) << (header->tick_shift & 31));
    double rate = header->tick_kind == PT_TICK_NS ? 1 : 0;

    if (latest_ticks > header->start_ticks && latest_ns > header->start_ns) {
        rate = (double)(latest_ns - header->start_ns) /
               (double)(latest_ticks - header->start_ticks);
    }
    return (struct pt_page_rate){rate * ticks};
}

/* Copy the page that lies in the recording, if there is one; a running process
 * may begin it anew meanwhile, and then it is looked at again. */
static int
copy_page(struct pt_eventlog *log, struct source *source)
{
    uint32_t count;
    const struct pt_piece *piece =
        pt_reader_pieces(log->reader, log->process, PT_SEGMENT_STREAM, &count);
    const struct pt_stream_page *page;

    while (count != 0 && (piece->first_item != source->stream ||
                          piece->payload_bytes < sizeof(*page) ||
                          piece->payload_bytes > PT_PACKET_RAW_MAX)) {
        piece++;
        count--;
    }
    if (count == 0) {
        return PT_OK;
    }
    source->copy_bytes = piece->payload_bytes;
    source->copy = pt_rawmem_array(1, source->copy_bytes);
    if (source->copy == NULL) {
        return PT_ERR_NOMEM;
    }
    page = (const struct pt_stream_page *)piece->payload;
    for (int i = 0; i < 100; i++) {
        uint64_t first = atomic_load(&page->first);

        memcpy(source->copy, page, source->copy_bytes);
        if (atomic_load(&page->first) == first) {
            break;
        }
    }
    return PT_OK;
}

/* Go on to the next page: 1, 0 when there is none, or an error. */
static int
turn(struct pt_eventlog *log, struct source *source)
{
    const struct pt_packet *head;
    const void *raw;
    int code;

    if (source->is_last_page) {
        return 0;
    }
    while ((code = pt_packets_next(source->packets, &head)) > 0) {
        if (head->kind == PT_PACKET_EVENTS && head->stream == source->stream &&
            pt_packets_unpack(source->packets, &raw) == PT_OK) {
            pt_page_open(&source->page, raw, head->raw_bytes, log->rate);
            return 1;
        }
    }
    if (code < 0) {
        return code;
    }
    source->is_last_page = 1;
    if (source->copy == NULL) {
        return 0;
    }
    pt_page_open(&source->page, source->copy, source->copy_bytes, log->rate);
    return 1;
}

/* What is missing in front of a page was lost, unless it was let go. */
static void
note_gap(const struct pt_eventlog *log, struct source *source)
{
    const struct pt_header *header = pt_reader_header(log->reader);
    int is_kept_end = header->ring_bytes != 0 || header->last_ns != 0;

    if (source->next != 0 || !is_kept_end) {
        source->lost += source->page.number - source->next;
    }
    source->next = source->page.number;
}

/* Take up a page that was turned to, or leave it out. */
static void
begin_page(const struct pt_eventlog *log, struct source *source)
{
    if (source->page.number > source->next && source->is_last_page &&
        pt_reader_has_grown(log->reader)) {
        source->is_cut = 1;
    }
    if (source->page.number < source->next || source->is_cut) {
        source->page.at = source->page.end;
    }
    else {
        note_gap(log, source);
    }
}

/* Have the next event of a stream in source->event, if there is one. */
static int
fetch(struct pt_eventlog *log, struct source *source)
{
    int code = 1;

    source->has_event = 0;
    while (!source->has_event) {
        if (!pt_page_next(&source->page, &source->event)) {
            code = turn(log, source);
            if (code <= 0) {
                return code;
            }
            begin_page(log, source);
            continue;
        }
        source->has_event = 1;
        source->next = source->page.number;
        source->order = source->page.order;
    }
    return PT_OK;
}

int
pt_eventlog_open(struct pt_eventlog **result, const struct pt_reader *reader,
                 uint32_t process)
{
    struct pt_eventlog *log = pt_rawmem_array(1, sizeof(*log));

    *result = log;
    if (log == NULL) {
        return PT_ERR_NOMEM;
    }
    log->reader = reader;
    log->process = process;
    log->rate = rate_of(pt_reader_header(reader));
    for (uint32_t i = 0; i < PT_STREAMS; i++) {
        int code = pt_packets_open(&log->source[i].packets, reader, process);

        log->source[i].stream = i;
        if (code == PT_OK) {
            code = copy_page(log, &log->source[i]);
        }
        if (code == PT_OK) {
            code = fetch(log, &log->source[i]);
        }
        if (code != PT_OK) {
            pt_eventlog_close(log);
            *result = NULL;
            return code;
        }
    }
    return PT_OK;
}

int
pt_eventlog_is_cut(const struct pt_eventlog *log)
{
    return log->source[PT_STREAM_GIL].is_cut ||
           log->source[PT_STREAM_FREE].is_cut;
}

int
pt_eventlog_next(struct pt_eventlog *log, struct pt_event *event)
{
    struct source *gil = &log->source[PT_STREAM_GIL];
    struct source *other = &log->source[PT_STREAM_FREE];
    struct source *source = gil;

    if (log->taken != NULL) {
        int code = fetch(log, log->taken);

        if (code < 0) {
            return code;
        }
    }
    // An event without the GIL stands behind as many as it says.
    if (other->has_event &&
        (!gil->has_event || gil->event.sequence >= other->order)) {
        source = other;
    }
    // What stands behind GIL events that are not known would come too early.
    if (!source->has_event || (gil->is_cut && source->order > gil->next)) {
        log->taken = NULL;
        return 0;
    }
    log->taken = source;
    *event = source->event;
    event->sequence = log->sequence++;
    // The two streams tell the time now and then, each for itself.
    if (event->time_ns < log->latest_ns) {
        event->time_ns = log->latest_ns;
    }
    log->latest_ns = event->time_ns;
    return 1;
}

uint64_t
pt_eventlog_lost(const struct pt_eventlog *log)
{
    uint64_t lost = 0;

    for (uint32_t i = 0; i < PT_STREAMS; i++) {
        lost += log->source[i].lost;
    }
    return lost;
}

const char *
pt_eventlog_name(enum pt_event_kind kind)
{
    static const char *const names[PT_KINDS] = {
        [PT_KIND_CALL] = "call",
        [PT_KIND_RETURN] = "return",
        [PT_KIND_YIELD] = "yield",
        [PT_KIND_RESUME] = "resume",
        [PT_KIND_UNWIND] = "unwind",
        [PT_KIND_THROW] = "throw",
        [PT_KIND_LINE] = "line",
        [PT_KIND_ALLOC] = "alloc",
        [PT_KIND_FREE] = "free",
        [PT_KIND_NATIVE_ALLOC] = "native_alloc",
        [PT_KIND_NATIVE_FREE] = "native_free",
        [PT_KIND_START] = "start",
        [PT_KIND_STOP] = "stop",
        [PT_KIND_THREAD_START] = "thread_start",
        [PT_KIND_THREAD_STOP] = "thread_stop",
        [PT_KIND_GC_START] = "gc_start",
        [PT_KIND_GC_STOP] = "gc_stop",
        [PT_KIND_FORK] = "fork",
        [PT_KIND_MARK] = "mark",
        [PT_KIND_SPAN_BEGIN] = "span_begin",
        [PT_KIND_SPAN_END] = "span_end",
        [PT_KIND_SNAPSHOT] = "snapshot",
        [PT_KIND_UNKNOWN] = "unknown",
    };

    return kind < PT_KINDS ? names[kind] : "unknown";
}

void
pt_eventlog_close(struct pt_eventlog *log)
{
    if (log == NULL) {
        return;
    }
    for (uint32_t i = 0; i < PT_STREAMS; i++) {
        pt_packets_close(log->source[i].packets);
        pt_rawmem_free(log->source[i].copy);
    }
    pt_rawmem_free(log);
}
