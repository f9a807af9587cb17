/* SPDX-License-Identifier: MIT */
/* page.c - from bytes to events. */
#include "core/timeline/page.h"

#include <string.h>

#include "core/base/varint.h"

void
pt_page_open(struct pt_page *page, const void *bytes, size_t count,
             struct pt_page_rate rate)
{
    struct pt_stream_page head;
    size_t room = count >= sizeof(head) ? count - sizeof(head) : 0;
    uint32_t used;

    memset(page, 0, sizeof(*page));
    page->is_broken = 1;
    if (count < sizeof(head)) {
        return;
    }
    memcpy(&head, bytes, sizeof(head));
    used = atomic_load_explicit(&head.used, memory_order_relaxed);
    page->is_broken = used > room;
    page->at = (const unsigned char *)bytes + sizeof(head);
    page->end = page->at + (used < room ? used : room);
    page->start_ns = head.start_ns;
    page->start_units = page->units = head.start_units;
    page->number = atomic_load_explicit(&head.first, memory_order_relaxed);
    page->stream = head.stream;
    page->thread = head.thread;
    page->order = head.order;
    page->ns_per_unit = rate.ns_per_unit;
    if (head.end_ns >= head.start_ns && head.end_units > head.start_units) {
        page->ns_per_unit = (double)(head.end_ns - head.start_ns) /
                            (double)(head.end_units - head.start_units);
    }
}

/* The next number; 0 at the end of the page, and then it is broken. */
static uint64_t
take(struct pt_page *page)
{
    uint64_t number;

    if (!pt_varint_get(&page->at, page->end, &number)) {
        page->is_broken = 1;
        page->at = page->end;
        return 0;
    }
    return number;
}

/* A number at the front of an event's bytes; what is missing of it is 0. */
static uint64_t
take_number(const unsigned char **at, const unsigned char *end)
{
    uint64_t number;

    (void)pt_varint_get(at, end, &number);
    return number;
}

static enum pt_event_kind
kind_of_other(uint64_t other)
{
    static const enum pt_event_kind kinds[] = {
        [PT_OTHER_NONE] = PT_KIND_UNKNOWN,
        [PT_OTHER_START] = PT_KIND_START,
        [PT_OTHER_STOP] = PT_KIND_STOP,
        [PT_OTHER_THREAD_START] = PT_KIND_THREAD_START,
        [PT_OTHER_THREAD_STOP] = PT_KIND_THREAD_STOP,
        [PT_OTHER_GC_START] = PT_KIND_GC_START,
        [PT_OTHER_GC_STOP] = PT_KIND_GC_STOP,
        [PT_OTHER_FORK] = PT_KIND_FORK,
        [PT_OTHER_MARK] = PT_KIND_MARK,
        [PT_OTHER_SPAN_BEGIN] = PT_KIND_SPAN_BEGIN,
        [PT_OTHER_SPAN_END] = PT_KIND_SPAN_END,
        [PT_OTHER_SNAPSHOT] = PT_KIND_SNAPSHOT,
    };

    return other < sizeof(kinds) / sizeof(kinds[0]) ? kinds[other]
                                                    : PT_KIND_UNKNOWN;
}

static void
take_other(struct pt_page *page, struct pt_event *event)
{
    uint64_t other = take(page), bytes = take(page);
    const unsigned char *at = page->at, *end;

    if (bytes > (uint64_t)(page->end - page->at)) {
        page->is_broken = 1;
        page->at = page->end;
        return;
    }
    page->at += bytes;
    end = at + bytes;
    event->kind = kind_of_other(other);
    switch (event->kind) {
    case PT_KIND_GC_STOP:
        event->number = take_number(&at, end);
        event->collected = take_number(&at, end);
        event->uncollectable = take_number(&at, end);
        break;
    case PT_KIND_THREAD_START:
    case PT_KIND_GC_START:
    case PT_KIND_SPAN_BEGIN:
    case PT_KIND_SPAN_END:
    case PT_KIND_SNAPSHOT:
        event->number = take_number(&at, end);
        break;
    default:
        break;
    }
    event->text = (const char *)at;
    event->text_bytes = (size_t)(end - at);
}

/* What kinds of events have in front, beside their code. */
static const struct {
    enum pt_event_kind kind;
    unsigned char is_event, is_timed, has_code;
} shape_of[] = {
    [PT_EVENT_OTHER] = {PT_KIND_UNKNOWN, 1, 1, 0},
    [PT_EVENT_CALL] = {PT_KIND_CALL, 1, 1, 1},
    [PT_EVENT_RETURN] = {PT_KIND_RETURN, 1, 1, 0},
    [PT_EVENT_YIELD] = {PT_KIND_YIELD, 1, 1, 0},
    [PT_EVENT_RESUME] = {PT_KIND_RESUME, 1, 1, 1},
    [PT_EVENT_UNWIND] = {PT_KIND_UNWIND, 1, 1, 0},
    [PT_EVENT_THROW] = {PT_KIND_THROW, 1, 1, 1},
    [PT_EVENT_LINE] = {PT_KIND_LINE, 1, 0, 0},
    [PT_EVENT_PLACE] = {PT_KIND_LINE, 1, 0, 0},
    [PT_EVENT_ALLOC] = {PT_KIND_ALLOC, 1, 0, 0},
    [PT_EVENT_FREE] = {PT_KIND_FREE, 1, 0, 0},
    [PT_EVENT_TIME] = {PT_KIND_UNKNOWN, 0, 1, 0},
    [PT_EVENT_SWITCH] = {PT_KIND_UNKNOWN, 0, 0, 0},
    [PT_EVENT_ORDER] = {PT_KIND_UNKNOWN, 0, 0, 0},
    [PT_EVENT_NATIVE] = {PT_KIND_NATIVE_ALLOC, 1, 0, 0},
};

static void
take_operands(struct pt_page *page, unsigned code, uint64_t operand,
              struct pt_event *event)
{
    switch (code) {
    case PT_EVENT_OTHER:
        take_other(page, event);
        break;
    case PT_EVENT_LINE:
        page->line += (uint32_t)(operand >> 1) ^ -(uint32_t)(operand & 1);
        break;
    case PT_EVENT_PLACE:
        page->code = (uint32_t)take(page);
        page->line = (uint32_t)take(page);
        break;
    case PT_EVENT_ALLOC:
    case PT_EVENT_FREE:
        event->pair = (uint32_t)operand;
        break;
    case PT_EVENT_NATIVE:
        event->pair = (uint32_t)(operand >> 1);
        if (operand & 1) {
            event->kind = PT_KIND_NATIVE_FREE;
        }
        break;
    case PT_EVENT_SWITCH:
        page->thread = (uint32_t)operand;
        break;
    case PT_EVENT_ORDER:
        page->order += operand;
        break;
    default:
        break;
    }
    if (event->kind == PT_KIND_LINE) {
        event->code = page->code;
        event->line = page->line;
    }
}

/* The time of what follows. What no clock reaches is no time: the units and
 * the rate of a damaged page may be anything. */
static uint64_t
time_of(const struct pt_page *page)
{
    double passed_ns =
        (double)(page->units - page->start_units) * page->ns_per_unit;

    return page->start_ns + (passed_ns < 0x1p63 ? (uint64_t)passed_ns : 0);
}

/* One entry of the page; *event when it is an event. */
static int
take_entry(struct pt_page *page, struct pt_event *event)
{
    uint64_t word = take(page);
    unsigned code = word & 15;

    memset(event, 0, sizeof(*event));
    if (page->is_broken || code >= PT_EVENT_CODES) {
        page->is_broken = 1;
        page->at = page->end;
        return 0;
    }
    event->kind = shape_of[code].kind;
    if (shape_of[code].is_timed) {
        page->units += word >> 4;
    }
    if (shape_of[code].has_code) {
        event->code = (uint32_t)take(page);
    }
    take_operands(page, code, word >> 4, event);
    event->sequence = page->number++;
    event->stream = page->stream;
    event->thread = page->thread;
    event->time_ns = time_of(page);
    return shape_of[code].is_event && !page->is_broken;
}

int
pt_page_next(struct pt_page *page, struct pt_event *event)
{
    while (page->at < page->end) {
        if (take_entry(page, event)) {
            return 1;
        }
    }
    return 0;
}
