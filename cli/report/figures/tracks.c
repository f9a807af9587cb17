/* SPDX-License-Identifier: MIT */
/* tracks.c - walking the events, keeping the depth of every thread. */
#include "cli/report/figures/tracks.h"

#include <string.h>

#include "cli/report/figures/momentlist.h"
#include "cli/report/text/room.h"
#include "core/base/rawmem.h"

// A heap that changes all the time need not be told more often than this.
#define HEAP_EVERY_NS 100000u

struct span {
    uint64_t number;
    char *name;
};

struct walk {
    struct pt_eventplaces places;
    pt_track_sink sink;
    void *self;
    uint32_t *depth;  // open slices of each thread
    unsigned char *is_known;
    uint32_t threads;
    struct span *span;  // open ones
    uint32_t spans;
    uint32_t span_room;
    int64_t heap_bytes;
    uint64_t heap_told_ns;
    int is_heap_new;
    uint64_t now_ns;
};

static struct pt_track_item
item_of(const struct walk *walk, enum pt_track_kind kind, uint32_t thread)
{
    return (struct pt_track_item){.kind = kind,
                                  .share = walk->places.share,
                                  .thread = thread,
                                  .time_ns = walk->now_ns,
                                  .name = "",
                                  .place = {.function = ""}};
}

/* Numbers of threads have 17 bits, see meet_thread(). */
static uint64_t
key_of(enum pt_track_kind kind, const struct pt_event *event)
{
    return (uint64_t)kind << 56 | (uint64_t)event->thread << 36 |
           pt_eventplace_key(event);
}

static int
send(struct walk *walk, const struct pt_track_item *item)
{
    return walk->sink(walk->self, item);
}

/* See that a thread is known; a damaged recording may name any. */
static int
meet_thread(struct walk *walk, uint32_t thread)
{
    struct pt_track_item item = item_of(walk, PT_TRACK_THREAD, thread);
    uint32_t threads = walk->threads;

    if (thread > 100000u) {
        return PT_ERR_CORRUPT;
    }
    if (thread >= threads) {
        uint32_t wanted = thread + 16;
        void *depth =
            pt_rawmem_resize(walk->depth, wanted, sizeof(*walk->depth));
        void *known;

        if (depth == NULL) {
            return PT_ERR_NOMEM;
        }
        walk->depth = depth;
        known = pt_rawmem_resize(walk->is_known, wanted, 1);
        if (known == NULL) {
            return PT_ERR_NOMEM;
        }
        walk->is_known = known;
        memset(walk->depth + threads, 0,
               (wanted - threads) * sizeof(*walk->depth));
        memset(walk->is_known + threads, 0, wanted - threads);
        walk->threads = wanted;
    }
    if (walk->is_known[thread]) {
        return PT_OK;
    }
    walk->is_known[thread] = 1;
    return send(walk, &item);
}

static int
send_slice(struct walk *walk, const struct pt_event *event, int is_begin)
{
    struct pt_track_item item =
        item_of(walk, is_begin ? PT_TRACK_BEGIN : PT_TRACK_END, event->thread);

    item.key = key_of(item.kind, event);
    if (is_begin) {
        item.place = pt_eventplaces_seek(&walk->places, event);
        item.name = item.place.function;
        item.name_bytes = item.place.function_bytes;
        walk->depth[event->thread]++;
        return send(walk, &item);
    }
    if (walk->depth[event->thread] == 0) {
        return PT_OK;
    }
    walk->depth[event->thread]--;
    return send(walk, &item);
}

static int
send_heap(struct walk *walk)
{
    struct pt_track_item item = item_of(walk, PT_TRACK_HEAP, 0);

    item.value = walk->heap_bytes;
    walk->heap_told_ns = walk->now_ns;
    walk->is_heap_new = 0;
    return send(walk, &item);
}

static int
send_instant(struct walk *walk, const struct pt_event *event, const char *name,
             size_t bytes)
{
    struct pt_track_item item = item_of(walk, PT_TRACK_INSTANT, event->thread);

    item.place = pt_eventplaces_seek(&walk->places, event);
    item.name = name;
    item.name_bytes = bytes;
    item.key = item.place.blocks != 0 ? key_of(item.kind, event) : 0;
    return send(walk, &item);
}

static int
send_block(struct walk *walk, const struct pt_event *event)
{
    const char *name = event->kind == PT_KIND_ALLOC ? "alloc" : "free";
    struct pt_eventplace place = pt_eventplaces_seek(&walk->places, event);
    uint64_t heap = (uint64_t)walk->heap_bytes;
    int code = PT_OK;

    // Modulo 2^64: a damaged recording may say any sizes.
    heap += event->kind == PT_KIND_ALLOC ? place.size_bytes
                                         : -place.size_bytes;
    walk->heap_bytes = (int64_t)heap;
    walk->is_heap_new = 1;
    if (event->kind == PT_KIND_ALLOC) {
        code = send_instant(walk, event, name, strlen(name));
    }
    if (code == PT_OK && walk->now_ns - walk->heap_told_ns >= HEAP_EVERY_NS) {
        code = send_heap(walk);
    }
    return code;
}

/* An end has only the number of its span. */
static int
begin_span(struct walk *walk, const struct pt_event *event)
{
    struct pt_track_item item =
        item_of(walk, PT_TRACK_SPAN_BEGIN, event->thread);
    void *array = walk->span;
    int code = pt_room_reserve(&array, walk->spans, &walk->span_room,
                               sizeof(*walk->span));
    char *name = pt_rawmem_array(event->text_bytes + 1, 1);

    walk->span = array;
    if (code != PT_OK || name == NULL) {
        pt_rawmem_free(name);
        return PT_ERR_NOMEM;
    }
    memcpy(name, event->text, event->text_bytes);
    walk->span[walk->spans++] = (struct span){event->number, name};
    item.number = event->number;
    item.name = name;
    item.name_bytes = event->text_bytes;
    return send(walk, &item);
}

static int
end_span(struct walk *walk, uint64_t number, uint32_t thread)
{
    struct pt_track_item item = item_of(walk, PT_TRACK_SPAN_END, thread);
    struct span *span = NULL;
    int code;

    for (uint32_t i = walk->spans; i-- > 0 && span == NULL;) {
        span = walk->span[i].number == number ? &walk->span[i] : NULL;
    }
    if (span == NULL) {
        return PT_OK;
    }
    item.number = number;
    item.name = span->name;
    item.name_bytes = strlen(span->name);
    code = send(walk, &item);
    pt_rawmem_free(span->name);
    *span = walk->span[--walk->spans];
    return code;
}

static int
send_event(struct walk *walk, const struct pt_event *event)
{
    const char *name = pt_eventlog_name(event->kind);

    switch (event->kind) {
    case PT_KIND_CALL:
    case PT_KIND_RESUME:
    case PT_KIND_THROW:
        return send_slice(walk, event, 1);
    case PT_KIND_RETURN:
    case PT_KIND_YIELD:
    case PT_KIND_UNWIND:
        return send_slice(walk, event, 0);
    case PT_KIND_ALLOC:
    case PT_KIND_FREE:
        return send_block(walk, event);
    case PT_KIND_NATIVE_ALLOC:
        return send_instant(walk, event, name, strlen(name));
    case PT_KIND_NATIVE_FREE:
        return PT_OK;
    case PT_KIND_SPAN_BEGIN:
        return begin_span(walk, event);
    case PT_KIND_SPAN_END:
        return end_span(walk, event->number, event->thread);
    case PT_KIND_MARK:
    case PT_KIND_SNAPSHOT:
        return send_instant(walk, event, event->text, event->text_bytes);
    case PT_KIND_LINE:
    case PT_KIND_UNKNOWN:
        return PT_OK;
    default:
        return send_instant(walk, event, name, strlen(name));
    }
}

static int
close_all(struct walk *walk)
{
    int code = walk->is_heap_new ? send_heap(walk) : PT_OK;

    for (uint32_t i = 0; i < walk->threads; i++) {
        struct pt_track_item item = item_of(walk, PT_TRACK_END, i);

        for (; walk->depth[i] != 0 && code == PT_OK; walk->depth[i]--) {
            code = send(walk, &item);
        }
    }
    while (walk->spans != 0 && code == PT_OK) {
        code = end_span(walk, walk->span[walk->spans - 1].number, 0);
    }
    return code;
}

/* One figure after the other of groups that are told with each moment. */
static int
send_gauges(struct walk *walk, enum pt_track_kind kind,
            const struct pt_moment *moment)
{
    static const char *const resident[] = {"resident"};
    const struct {
        const char *group;
        struct pt_track_gauges gauge;
    } groups[] = {
        {"resident", {resident, &moment->rss_bytes, 1}},
        {"memory", {pt_momentlist_row, moment->row_bytes, PT_ROWS}},
        {"jemalloc", {pt_momentlist_stat, moment->stat_bytes, PT_STATS}},
    };
    int code = PT_OK;

    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        struct pt_track_item item = item_of(walk, kind, 0);

        item.number = i;
        item.name = groups[i].group;
        item.name_bytes = strlen(item.name);
        item.gauge = groups[i].gauge;
        code = code == PT_OK ? send(walk, &item) : code;
    }
    return code;
}

static int
send_moments(struct walk *walk)
{
    struct pt_momentlist list = pt_momentlist_of(
        walk->places.dossier->reader, walk->places.share->record->number);
    uint64_t start_ns = walk->places.dossier->header->start_ns;
    struct pt_moment moment;
    int code = PT_OK, is_first = 1;

    while (code == PT_OK && pt_momentlist_next(&list, &moment)) {
        walk->now_ns = moment.at_ns > start_ns ? moment.at_ns - start_ns : 0;
        if (is_first) {
            code = send_gauges(walk, PT_TRACK_GAUGES, &moment);
            is_first = 0;
        }
        if (code == PT_OK) {
            code = send_gauges(walk, PT_TRACK_VALUES, &moment);
        }
    }
    return code;
}

static int
send_process(struct walk *walk)
{
    uint64_t start_ns = walk->places.dossier->header->start_ns;
    struct pt_track_item item = item_of(walk, PT_TRACK_PROCESS, 0);
    struct pt_eventlog *log;
    struct pt_event event;
    int code = pt_eventlog_open(&log, walk->places.dossier->reader,
                                walk->places.share->record->number);

    walk->heap_bytes = (int64_t)walk->places.share->record->inherited_bytes;
    if (code == PT_OK) {
        code = send(walk, &item);
    }
    while (code == PT_OK && (code = pt_eventlog_next(log, &event)) > 0) {
        walk->now_ns = event.time_ns > start_ns ? event.time_ns - start_ns : 0;
        code = meet_thread(walk, event.thread);
        if (code == PT_OK) {
            code = send_event(walk, &event);
        }
    }
    pt_eventlog_close(log);
    if (code == PT_OK) {
        code = close_all(walk);
    }
    return code == PT_OK ? send_moments(walk) : code;
}

static void
free_walk(struct walk *walk)
{
    for (uint32_t i = 0; i < walk->spans; i++) {
        pt_rawmem_free(walk->span[i].name);
    }
    pt_rawmem_free(walk->span);
    pt_rawmem_free(walk->depth);
    pt_rawmem_free(walk->is_known);
    pt_rawmem_free(walk);
}

int
pt_tracks_send(const struct pt_dossier *dossier, pt_track_sink sink,
               void *self)
{
    int code = PT_OK;

    for (uint32_t i = 0; i < dossier->sum.shares && code == PT_OK; i++) {
        struct walk *walk = pt_rawmem_array(1, sizeof(*walk));

        if (walk == NULL) {
            return PT_ERR_NOMEM;
        }
        walk->places.dossier = dossier;
        walk->places.share = &dossier->sum.share[i];
        walk->sink = sink;
        walk->self = self;
        code = send_process(walk);
        free_walk(walk);
    }
    return code;
}
