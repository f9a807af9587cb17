/* SPDX-License-Identifier: MIT */
/* instant.c - copying counters, column by column. */
#include "core/timeline/instant.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/rawmem.h"
#include "core/timeline/timeline.h"

const struct pt_instant_column pt_instant_columns[PT_INSTANT_COLUMNS] = {
    {PT_SEGMENT_COUNTER, 0, 0, 0},
    {PT_SEGMENT_PAIR, offsetof(struct pt_pair, live), 0, 0},
    {PT_SEGMENT_PAIR, offsetof(struct pt_pair, allocated), 0, 0},
    {PT_SEGMENT_NATIVE, offsetof(struct pt_native_pair, allocated), 0, 0},
    {PT_SEGMENT_NATIVE, offsetof(struct pt_native_pair, freed), 0, 0},
    {PT_SEGMENT_TEMPORARY, 0, 0, 0},
};

/* A snapshot on its way into packets. */
struct writer {
    struct pt_timeline *timeline;
    struct pt_seal *seal;
    struct pt_packet packet;  // the next one
    char *raw;                // its content, PT_PACKET_RAW_MAX bytes of room
    int code;                 // of the first packet that failed
};

static void
flush(struct writer *writer)
{
    struct pt_packet *packet = &writer->packet;

    packet->items = packet->raw_bytes;
    if (writer->code == PT_OK) {
        writer->code = pt_seal_append(writer->timeline, writer->seal, packet,
                                      writer->raw);
    }
    packet->first += packet->raw_bytes;
    packet->raw_bytes = 0;
}

static void
put(struct writer *writer, const void *bytes, size_t count)
{
    const char *from = bytes;

    while (count != 0) {
        size_t room = PT_PACKET_RAW_MAX - writer->packet.raw_bytes;
        size_t now = count < room ? count : room;

        // Only when there is more: the last packet is never empty.
        if (room == 0) {
            flush(writer);
            continue;
        }
        memcpy(writer->raw + writer->packet.raw_bytes, from, now);
        writer->packet.raw_bytes += (uint32_t)now;
        from += now;
        count -= now;
    }
}

static void
put_column(struct writer *writer, const struct pt_instant_source *source,
           const struct pt_instant_column *column)
{
    for (uint32_t i = 0; i < column->items; i++) {
        const char *item = source->item(source->context, column->segment, i);
        uint64_t value = 0;

        if (item != NULL) {
            value = atomic_load_explicit(
                (const _Atomic uint64_t *)(const void *)(item +
                                                         column->offset),
                memory_order_relaxed);
        }
        put(writer, &value, sizeof(value));
    }
}

static void
put_all(struct writer *writer, const struct pt_instant_source *source,
        const char *label, size_t label_bytes)
{
    const struct pt_process *record = source->record;
    struct pt_instant_column column[PT_INSTANT_COLUMNS];
    struct pt_instant_head head = {
        .time_ns = writer->packet.start_ns,
        .traced_bytes = atomic_load(&record->traced_bytes),
        .raw_bytes = atomic_load(&record->raw_bytes),
        .peak_bytes = atomic_load(&record->peak_bytes),
        .columns = PT_INSTANT_COLUMNS,
        .label_bytes = (uint32_t)label_bytes,
    };

    put(writer, &head, sizeof(head));
    put(writer, label, label_bytes);
    for (size_t i = 0; i < PT_INSTANT_COLUMNS; i++) {
        column[i] = pt_instant_columns[i];
        column[i].items = atomic_load_explicit(
            &record->items[column[i].segment], memory_order_acquire);
        put(writer, &column[i], sizeof(column[i]));
    }
    for (size_t i = 0; i < PT_INSTANT_COLUMNS; i++) {
        put_column(writer, source, &column[i]);
    }
}

int
pt_instant_seal(struct pt_timeline *timeline, struct pt_seal *seal,
                const struct pt_instant_source *source, uint32_t number,
                const char *label, size_t label_bytes)
{
    uint64_t now_ns = pt_clock_ns();
    struct writer writer = {
        .timeline = timeline,
        .seal = seal,
        .packet = {.kind = PT_PACKET_SNAPSHOT,
                   .stream = number,
                   .start_ns = now_ns,
                   .end_ns = now_ns},
        .raw = pt_rawmem_map(PT_PACKET_RAW_MAX),
    };

    if (writer.raw == NULL) {
        pt_timeline_trouble(timeline, PT_TROUBLE_MEMORY);
        return PT_ERR_NOMEM;
    }
    if (label_bytes > PT_INSTANT_LABEL_MAX) {
        label_bytes = PT_INSTANT_LABEL_MAX;
    }
    put_all(&writer, source, label, label_bytes);
    writer.packet.note = 1;
    flush(&writer);
    pt_rawmem_unmap(writer.raw, PT_PACKET_RAW_MAX);
    return writer.code;
}

static const void *
own_item(const void *context, enum pt_segment segment, uint32_t index)
{
    const struct pt_timeline *timeline = context;

    return pt_array_at(&timeline->array[segment], index);
}

int
pt_instant_take(struct pt_timeline *timeline, const char *label,
                size_t label_bytes)
{
    struct pt_instant_source source = {timeline->process, own_item, timeline};
    uint32_t number = atomic_fetch_add(&timeline->header->snapshots, 1);
    int code = pt_instant_seal(timeline, &timeline->sealed, &source, number,
                               label, label_bytes);

    if (code == PT_OK) {
        uint64_t value = number;

        pt_stream_note_numbers(&timeline->stream[PT_STREAM_GIL],
                               PT_OTHER_SNAPSHOT, &value, 1, label,
                               label_bytes);
    }
    return code;
}
