/* SPDX-License-Identifier: MIT */
/* out_perfetto.c - Perfetto's own format: a row of protobuf packets.
 *
 * Messages that follow each other are one to protobuf, so a packet is its time
 * and, behind it, what protobuf-c packed of the rest; items that differ in
 * their time alone share that (phrases.h). Slices and instants are on the
 * track of their thread, the heap is a counter of its process, and each span
 * has a track, as spans may overlap.
 */
#include <perfetto.pb-c.h>
#include <string.h>

#include "cli/report/export/export.h"
#include "cli/report/export/phrases.h"
#include "cli/report/figures/tracks.h"
#include "core/base/rawmem.h"
#include "core/base/varint.h"

#define SEQUENCE 1u
#define SEQUENCE_BEGINS 1u  // sequence_flags: incremental state cleared

/* Tracks by what they are: the process and a number within it. */
enum track_space {
    TRACK_PROCESS = 1,
    TRACK_THREAD,
    TRACK_HEAP,
    TRACK_SPAN,
    TRACK_GAUGE,
};

// What a field begins with: its number, and below it how it is packed.
enum field {
    FIELD_PACKET = 1 << 3 | 2,  // of Trace: its length, then the message
    FIELD_TIME = 8 << 3 | 0,    // of TracePacket: a number
};

#define FIELD_MAX (1 + PT_VARINT_MAX)  // bytes of one, its content left out

struct perfetto {
    const struct pt_dossier *dossier;
    struct pt_buf *out;
    struct pt_outlet *outlet;
    struct pt_buf text;  // of a name, ended by 0
    int has_begun;
    struct pt_phrases *phrases;
};

static uint64_t
track_of(const struct pt_track_item *item, enum track_space space,
         uint64_t number)
{
    uint64_t process = (uint64_t)item->share->record->number + 1;

    return process << 44 | (uint64_t)space << 40 |
           (number & UINT64_C(0xffffffffff));
}

/* Write the beginning of a field, with its number or length; where it ends. */
static unsigned char *
put_field(unsigned char *at, enum field field, uint64_t number)
{
    return pt_varint_put(pt_varint_put(at, field), number);
}

/* A packet: its time, and its other fields. */
static int
put_packet(struct perfetto *perfetto, uint64_t time_ns,
           const struct pt_phrase *rest)
{
    unsigned char time[FIELD_MAX], head[FIELD_MAX];
    size_t time_bytes = (size_t)(put_field(time, FIELD_TIME, time_ns) - time);
    size_t head_bytes =
        (size_t)(put_field(head, FIELD_PACKET, time_bytes + rest->text.used) -
                 head);

    pt_buf_add(perfetto->out, head, head_bytes);
    pt_buf_add(perfetto->out, time, time_bytes);
    pt_buf_add(perfetto->out, rest->text.data, rest->text.used);
    return pt_outlet_pour(perfetto->outlet, perfetto->out, PT_OUTLET_PIECE);
}

static int
add_packet(struct perfetto *perfetto, Perfetto__TracePacket *packet,
           const struct pt_track_item *item)
{
    struct pt_phrase *rest = pt_phrases_seek(perfetto->phrases, item->key);
    unsigned char *bytes;
    size_t count;

    packet->has_trusted_packet_sequence_id = 1;
    packet->trusted_packet_sequence_id = SEQUENCE;
    packet->has_sequence_flags = !perfetto->has_begun;
    packet->sequence_flags = SEQUENCE_BEGINS;
    perfetto->has_begun = 1;
    count = perfetto__trace_packet__get_packed_size(packet);
    bytes = pt_rawmem_array(count, 1);
    if (bytes == NULL) {
        return PT_ERR_NOMEM;
    }
    perfetto__trace_packet__pack(packet, bytes);
    pt_buf_add(&rest->text, bytes, count);
    pt_rawmem_free(bytes);
    return pt_buf_check(&rest->text) == PT_OK
               ? put_packet(perfetto, item->time_ns, rest)
               : PT_ERR_NOMEM;
}

static int
add_descriptor(struct perfetto *perfetto, const struct pt_track_item *item,
               Perfetto__TrackDescriptor *descriptor, uint64_t track)
{
    Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;

    descriptor->has_uuid = 1;
    descriptor->uuid = track;
    packet.track_descriptor = descriptor;
    return add_packet(perfetto, &packet, item);
}

/* A counter of bytes. */
static int
add_counter(struct perfetto *perfetto, const struct pt_track_item *item,
            const char *name, uint64_t number)
{
    Perfetto__TrackDescriptor track = PERFETTO__TRACK_DESCRIPTOR__INIT;
    Perfetto__CounterDescriptor counter = PERFETTO__COUNTER_DESCRIPTOR__INIT;

    counter.has_unit = 1;
    counter.unit = PERFETTO__COUNTER_DESCRIPTOR__UNIT__UNIT_SIZE_BYTES;
    track.counter = &counter;
    track.name = (char *)name;
    track.has_parent_uuid = 1;
    track.parent_uuid = track_of(item, TRACK_PROCESS, 0);
    return add_descriptor(perfetto, item, &track, number);
}

static uint64_t
gauge_track(const struct pt_track_item *item, uint32_t i)
{
    return track_of(item, TRACK_GAUGE, item->number << 8 | i);
}

/* A counter for each: "jemalloc, active". */
static int
add_gauges(struct perfetto *perfetto, const struct pt_track_item *item)
{
    int code = PT_OK;

    for (uint32_t i = 0; i < item->gauge.gauges && code == PT_OK; i++) {
        pt_buf_reset(&perfetto->text);
        pt_buf_add_text(&perfetto->text, item->name);
        if (item->gauge.gauges > 1) {
            pt_buf_add_format(&perfetto->text, ", %s", item->gauge.name[i]);
        }
        code = add_counter(perfetto, item, pt_buf_text(&perfetto->text),
                           gauge_track(item, i));
    }
    return code;
}

/* The process, and the counter of its heap. */
static int
add_process(struct perfetto *perfetto, const struct pt_track_item *item)
{
    Perfetto__TrackDescriptor track = PERFETTO__TRACK_DESCRIPTOR__INIT;
    Perfetto__ProcessDescriptor process = PERFETTO__PROCESS_DESCRIPTOR__INIT;
    int code;

    process.has_pid = 1;
    process.pid = (int32_t)item->share->record->pid;
    process.process_name = (char *)perfetto->dossier->header->command;
    track.process = &process;
    code = add_descriptor(perfetto, item, &track,
                          track_of(item, TRACK_PROCESS, 0));
    return code == PT_OK ? add_counter(perfetto, item, "heap",
                                       track_of(item, TRACK_HEAP, 0))
                         : code;
}

static int
add_thread(struct perfetto *perfetto, const struct pt_track_item *item)
{
    Perfetto__TrackDescriptor track = PERFETTO__TRACK_DESCRIPTOR__INIT;
    Perfetto__ThreadDescriptor thread = PERFETTO__THREAD_DESCRIPTOR__INIT;

    pt_buf_reset(&perfetto->text);
    pt_buf_add_format(&perfetto->text, "thread %u", item->thread);
    thread.has_pid = 1;
    thread.pid = (int32_t)item->share->record->pid;
    // The first thread of a process has its number.
    thread.has_tid = 1;
    thread.tid = item->thread <= 1 ? thread.pid : (int32_t)item->thread;
    thread.thread_name = (char *)pt_buf_text(&perfetto->text);
    track.thread = &thread;
    track.has_parent_uuid = 1;
    track.parent_uuid = track_of(item, TRACK_PROCESS, 0);
    return add_descriptor(perfetto, item, &track,
                          track_of(item, TRACK_THREAD, item->thread));
}

/* A span gets its track when it begins. */
static int
add_span_track(struct perfetto *perfetto, const struct pt_track_item *item)
{
    Perfetto__TrackDescriptor track = PERFETTO__TRACK_DESCRIPTOR__INIT;

    track.name = "spans";
    track.has_parent_uuid = 1;
    track.parent_uuid = track_of(item, TRACK_PROCESS, 0);
    return add_descriptor(perfetto, item, &track,
                          track_of(item, TRACK_SPAN, item->number));
}

static int
add_event(struct perfetto *perfetto, const struct pt_track_item *item,
          Perfetto__TrackEvent__Type type, uint64_t track)
{
    Perfetto__TrackEvent event = PERFETTO__TRACK_EVENT__INIT;
    Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;
    Perfetto__DebugAnnotation file = PERFETTO__DEBUG_ANNOTATION__INIT;
    Perfetto__DebugAnnotation line = PERFETTO__DEBUG_ANNOTATION__INIT;
    Perfetto__DebugAnnotation bytes = PERFETTO__DEBUG_ANNOTATION__INIT;
    Perfetto__DebugAnnotation *notes[] = {&file, &line, &bytes};

    event.has_type = 1;
    event.type = type;
    event.has_track_uuid = 1;
    event.track_uuid = track;
    if (item->name_bytes != 0) {
        pt_buf_reset(&perfetto->text);
        pt_buf_add(&perfetto->text, item->name, item->name_bytes);
        event.name = (char *)pt_buf_text(&perfetto->text);
    }
    if (item->place.file != 0) {
        file.name = "file";
        file.string_value =
            (char *)pt_dossier_path(perfetto->dossier, item->place.file);
        line.name = "line";
        line.has_uint_value = 1;
        line.uint_value = item->place.line;
        bytes.name = "bytes";
        bytes.has_uint_value = 1;
        bytes.uint_value = item->place.size_bytes;
        event.n_debug_annotations = item->place.blocks != 0 ? 3 : 2;
        event.debug_annotations = notes;
    }
    event.has_counter_value =
        type == PERFETTO__TRACK_EVENT__TYPE__TYPE_COUNTER;
    event.counter_value = item->value;
    packet.track_event = &event;
    return add_packet(perfetto, &packet, item);
}

static int
add_values(struct perfetto *perfetto, const struct pt_track_item *item)
{
    int code = PT_OK;

    for (uint32_t i = 0; i < item->gauge.gauges && code == PT_OK; i++) {
        struct pt_track_item one = *item;

        one.name_bytes = 0;
        one.value = (int64_t)item->gauge.value[i];
        code = add_event(perfetto, &one,
                         PERFETTO__TRACK_EVENT__TYPE__TYPE_COUNTER,
                         gauge_track(item, i));
    }
    return code;
}

static int
add_item(void *self, const struct pt_track_item *item)
{
    struct perfetto *perfetto = self;
    const struct pt_phrase *known;
    uint64_t thread = track_of(item, TRACK_THREAD, item->thread);
    uint64_t span = track_of(item, TRACK_SPAN, item->number);
    int code;

    if (item->kind == PT_TRACK_PROCESS) {
        pt_phrases_clear(perfetto->phrases);
    }
    known = pt_phrases_seek(perfetto->phrases, item->key);
    if (known->text.used != 0) {
        return put_packet(perfetto, item->time_ns, known);
    }
    switch (item->kind) {
    case PT_TRACK_PROCESS:
        return add_process(perfetto, item);
    case PT_TRACK_THREAD:
        return add_thread(perfetto, item);
    case PT_TRACK_BEGIN:
        return add_event(perfetto, item,
                         PERFETTO__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN,
                         thread);
    case PT_TRACK_END:
        return add_event(perfetto, item,
                         PERFETTO__TRACK_EVENT__TYPE__TYPE_SLICE_END, thread);
    case PT_TRACK_INSTANT:
        return add_event(perfetto, item,
                         PERFETTO__TRACK_EVENT__TYPE__TYPE_INSTANT, thread);
    case PT_TRACK_SPAN_BEGIN:
        code = add_span_track(perfetto, item);
        return code == PT_OK
                   ? add_event(perfetto, item,
                               PERFETTO__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN,
                               span)
                   : code;
    case PT_TRACK_SPAN_END:
        return add_event(perfetto, item,
                         PERFETTO__TRACK_EVENT__TYPE__TYPE_SLICE_END, span);
    case PT_TRACK_GAUGES:
        return add_gauges(perfetto, item);
    case PT_TRACK_VALUES:
        return add_values(perfetto, item);
    case PT_TRACK_HEAP:
        break;
    }
    return add_event(perfetto, item, PERFETTO__TRACK_EVENT__TYPE__TYPE_COUNTER,
                     track_of(item, TRACK_HEAP, 0));
}

int
pt_out_perfetto(struct pt_export *request)
{
    struct perfetto perfetto = {.dossier = request->dossier,
                                .out = request->out,
                                .outlet = request->outlet,
                                .text = PT_BUF_INIT,
                                .phrases = pt_phrases_new()};
    int code = PT_ERR_NOMEM;

    if (perfetto.phrases != NULL) {
        code = pt_tracks_send(request->dossier, add_item, &perfetto);
    }
    if (code == PT_OK) {
        code = pt_buf_check(&perfetto.text);
    }
    pt_buf_release(&perfetto.text);
    pt_phrases_free(perfetto.phrases);
    return code;
}
