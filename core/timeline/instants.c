/* SPDX-License-Identifier: MIT */
/* instants.c - finding snapshots, and putting their figures in place. */
#include "core/timeline/instants.h"

#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/rawmem.h"
#include "core/timeline/packets.h"
#include "core/timeline/segment.h"

#define COLUMNS_MAX 64u
#define START_MAX                                          \
  (sizeof(struct pt_instant_head) + PT_INSTANT_LABEL_MAX + \
   COLUMNS_MAX * sizeof(struct pt_instant_column))

static int
append(struct pt_instants *instants, const struct pt_instant *instant)
{
    uint32_t room = instants->room != 0 ? instants->room * 2 : 16;
    void *grown;

    if (instants->count == instants->room) {
        grown = pt_rawmem_resize(instants->instant, room, sizeof(*instant));
        if (grown == NULL) {
            return PT_ERR_NOMEM;
        }
        instants->instant = grown;
        instants->room = room;
    }
    instants->instant[instants->count++] = *instant;
    return PT_OK;
}

/* The first packet has the head and the label whole. */
static int
read_head(struct pt_instant *instant, const void *raw, uint32_t bytes)
{
    const char *at = raw;

    if (bytes < sizeof(instant->head)) {
        return 0;
    }
    memcpy(&instant->head, at, sizeof(instant->head));
    if (instant->head.label_bytes > PT_INSTANT_LABEL_MAX ||
        instant->head.label_bytes > bytes - sizeof(instant->head)) {
        return 0;
    }
    memcpy(instant->label, at + sizeof(instant->head),
           instant->head.label_bytes);
    instant->label[instant->head.label_bytes] = '\0';
    return 1;
}

/* The snapshot of this packet, if all packets before it were there. */
static struct pt_instant *
find_begun(const struct pt_instants *instants, const struct pt_packet *packet)
{
    for (uint32_t i = instants->count; i-- != 0;) {
        struct pt_instant *instant = &instants->instant[i];

        if (instant->process != packet->process) {
            break;
        }
        if (instant->number == packet->stream && !instant->is_whole &&
            instant->bytes == packet->first) {
            return instant;
        }
    }
    return NULL;
}

/* One more packet. Those of two snapshots may be mixed. */
static int
follow(struct pt_instants *instants, const struct pt_packet *packet,
       const void *raw)
{
    struct pt_instant *instant;

    if (packet->first == 0) {
        struct pt_instant begun = {.number = packet->stream,
                                   .process = packet->process};

        if (!read_head(&begun, raw, packet->raw_bytes)) {
            return PT_OK;
        }
        if (append(instants, &begun) != PT_OK) {
            return PT_ERR_NOMEM;
        }
    }
    instant = find_begun(instants, packet);
    if (instant != NULL) {
        instant->bytes += packet->raw_bytes;
        instant->is_whole = packet->note == 1;
    }
    return PT_OK;
}

static void
leave_out_incomplete(struct pt_instants *instants)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < instants->count; i++) {
        if (instants->instant[i].is_whole) {
            instants->instant[kept++] = instants->instant[i];
        }
    }
    instants->count = kept;
}

static int
list_process(struct pt_instants *instants, const struct pt_reader *reader,
             uint32_t process)
{
    struct pt_packets *packets;
    const struct pt_packet *packet;
    int code = pt_packets_open(&packets, reader, process);

    if (code != PT_OK) {
        return code;
    }
    while ((code = pt_packets_next(packets, &packet)) > 0) {
        const void *raw;

        if (packet->kind != PT_PACKET_SNAPSHOT ||
            pt_packets_unpack(packets, &raw) != PT_OK) {
            continue;
        }
        code = follow(instants, packet, raw);
        if (code != PT_OK) {
            break;
        }
    }
    pt_packets_close(packets);
    return code;
}

int
pt_instants_init(struct pt_instants *instants, const struct pt_reader *reader)
{
    int code = PT_OK;

    *instants = (struct pt_instants){0};
    for (uint32_t i = 0; i < pt_reader_processes(reader) && code == PT_OK;
         i++) {
        code = list_process(instants, reader, i);
    }
    leave_out_incomplete(instants);
    if (code != PT_OK) {
        pt_instants_release(instants);
    }
    return code;
}

void
pt_instants_release(struct pt_instants *instants)
{
    pt_rawmem_free(instants->instant);
    *instants = (struct pt_instants){0};
}

uint64_t
pt_instant_live_bytes(const struct pt_instant *instant)
{
    return instant->head.traced_bytes + (uint64_t)instant->head.raw_bytes;
}

static int
is_called(const struct pt_instant *instant, const char *label)
{
    char number[16];

    snprintf(number, sizeof(number), "#%u", (unsigned)instant->number);
    return strcmp(label, instant->label) == 0 || strcmp(label, number) == 0;
}

const struct pt_instant *
pt_instants_find(const struct pt_instants *instants, uint32_t process,
                 const char *label)
{
    const struct pt_instant *found = NULL;

    for (uint32_t i = 0; i < instants->count; i++) {
        const struct pt_instant *instant = &instants->instant[i];

        if (instant->process == process && is_called(instant, label) &&
            (found == NULL || instant->number >= found->number)) {
            found = instant;
        }
    }
    return found;
}

// -- Rewinding ---------------------------------------------------------------

/* A snapshot on its way from its packets into the arrays of its process: first
 * head, label and columns, then the figures of one column after the other. */
struct filling {
    const struct pt_reader *reader;
    const struct pt_instant *instant;
    uint64_t taken_bytes;
    uint64_t start_bytes;  // before the figures
    char start[START_MAX];
    struct pt_instant_column column[COLUMNS_MAX];
    uint32_t at_column;
    uint32_t at_item;
    char figure[8];  // the next one, as far as it is there
};

static void
set_figure(const struct filling *filling,
           const struct pt_instant_column *column, uint32_t index,
           const void *figure)
{
    // The reader's own by now.
    char *item = (char *)pt_reader_item(
        filling->reader, filling->instant->process, column->segment, index);

    if (item != NULL) {
        memcpy(item + column->offset, figure, 8);
    }
}

/* Items that came later had nothing yet. */
static void
clear_rest(const struct filling *filling,
           const struct pt_instant_column *column, uint32_t from)
{
    static const char nothing[8];
    uint32_t items = pt_reader_items(
        filling->reader, filling->instant->process, column->segment);

    for (uint32_t i = from; i < items; i++) {
        set_figure(filling, column, i, nothing);
    }
}

static int
read_columns(struct filling *filling)
{
    const struct pt_instant *instant = filling->instant;
    uint64_t figures = (instant->bytes - filling->start_bytes) / 8;

    memcpy(filling->column,
           filling->start + sizeof(instant->head) + instant->head.label_bytes,
           instant->head.columns * sizeof(filling->column[0]));
    for (uint32_t i = 0; i < instant->head.columns; i++) {
        const struct pt_instant_column *column = &filling->column[i];
        uint32_t item_bytes = pt_segment_item_bytes(column->segment);

        if (item_bytes < 8 || column->offset > item_bytes - 8 ||
            column->items > figures) {
            return PT_ERR_CORRUPT;
        }
        figures -= column->items;
    }
    return PT_OK;
}

static void
take_figure(struct filling *filling)
{
    const struct pt_instant_column *column;
    uint32_t columns = filling->instant->head.columns;

    while (filling->at_column < columns &&
           filling->at_item == filling->column[filling->at_column].items) {
        filling->at_column++;
        filling->at_item = 0;
    }
    if (filling->at_column < columns) {
        column = &filling->column[filling->at_column];
        set_figure(filling, column, filling->at_item++, filling->figure);
    }
}

/* The next bytes of a snapshot, of which a packet may begin anywhere. */
static int
fill(struct filling *filling, const char *bytes, size_t count)
{
    while (count != 0) {
        uint64_t taken = filling->taken_bytes;
        int is_start = taken < filling->start_bytes;
        size_t at = is_start ? (size_t)taken
                             : (size_t)(taken - filling->start_bytes) % 8;
        size_t room = (is_start ? (size_t)filling->start_bytes : 8) - at;
        size_t now = count < room ? count : room;

        memcpy((is_start ? filling->start : filling->figure) + at, bytes, now);
        filling->taken_bytes += now;
        bytes += now;
        count -= now;
        if (now < room) {
            continue;
        }
        if (!is_start) {
            take_figure(filling);
        }
        else if (read_columns(filling) != PT_OK) {
            return PT_ERR_CORRUPT;
        }
    }
    return PT_OK;
}

/* Take the packets of a snapshot, one after the other. */
static int
fill_all(struct filling *filling)
{
    const struct pt_instant *instant = filling->instant;
    struct pt_packets *packets;
    const struct pt_packet *packet;
    int code = pt_packets_open(&packets, filling->reader, instant->process);

    if (code != PT_OK) {
        return code;
    }
    while (filling->taken_bytes < instant->bytes &&
           (code = pt_packets_next(packets, &packet)) > 0) {
        const void *raw;

        if (packet->kind != PT_PACKET_SNAPSHOT ||
            packet->stream != instant->number ||
            packet->first != filling->taken_bytes ||
            packet->raw_bytes > instant->bytes - filling->taken_bytes ||
            pt_packets_unpack(packets, &raw) != PT_OK) {
            continue;
        }
        code = fill(filling, raw, packet->raw_bytes);
        if (code != PT_OK) {
            break;
        }
    }
    pt_packets_close(packets);
    if (code < 0) {
        return code;
    }
    return filling->taken_bytes == instant->bytes ? PT_OK : PT_ERR_CORRUPT;
}

static int
set_columns(struct pt_reader *reader, const struct pt_instant *instant)
{
    struct filling filling = {.reader = reader, .instant = instant};
    int code;

    filling.start_bytes =
        sizeof(instant->head) + instant->head.label_bytes +
        (uint64_t)instant->head.columns * sizeof(struct pt_instant_column);
    if (instant->head.columns > COLUMNS_MAX ||
        filling.start_bytes > instant->bytes) {
        return PT_ERR_CORRUPT;
    }
    code = fill_all(&filling);
    for (uint32_t i = 0; i < instant->head.columns && code == PT_OK; i++) {
        clear_rest(&filling, &filling.column[i], filling.column[i].items);
    }
    return code;
}

/* The totals of then. What was held at an earlier peak is not known. */
static void
set_totals(const struct pt_reader *reader, uint32_t process,
           const struct pt_instant_head *head)
{
    struct pt_process *record =
        (struct pt_process *)pt_reader_process(reader, process);

    atomic_store(&record->traced_bytes, head->traced_bytes);
    atomic_store(&record->raw_bytes, head->raw_bytes);
    atomic_store(&record->peak_bytes, head->peak_bytes);
    atomic_store(&record->peak_epoch, UINT32_MAX);
}

int
pt_instants_rewind_to(struct pt_reader *reader,
                      const struct pt_instant *instant)
{
    int code = set_columns(reader, instant);

    if (code == PT_OK) {
        set_totals(reader, instant->process, &instant->head);
    }
    return code;
}

/* The program itself is always there, if with nothing. */
static void
clear_process(struct pt_reader *reader, uint32_t process)
{
    static const struct pt_instant_head nothing;
    const struct pt_instant none = {.process = process};
    const struct filling filling = {.reader = reader, .instant = &none};

    if (process != 0) {
        pt_reader_hide(reader, process);
        return;
    }
    for (size_t i = 0; i < PT_INSTANT_COLUMNS; i++) {
        clear_rest(&filling, &pt_instant_columns[i], 1);
    }
    set_totals(reader, process, &nothing);
}

int
pt_instants_rewind(struct pt_reader *reader, const char *label)
{
    struct pt_instants instants;
    uint32_t found = 0;
    int code = pt_instants_init(&instants, reader);

    if (code != PT_OK) {
        return code;
    }
    for (uint32_t i = 0; i < instants.count; i++) {
        found += is_called(&instants.instant[i], label);
    }
    code = found != 0 ? pt_reader_own(reader) : PT_ERR_RANGE;
    for (uint32_t i = 0; i < pt_reader_processes(reader) && code == PT_OK;
         i++) {
        const struct pt_instant *instant =
            pt_instants_find(&instants, i, label);

        if (pt_reader_process(reader, i) == NULL) {
            continue;
        }
        if (instant != NULL) {
            code = pt_instants_rewind_to(reader, instant);
        }
        else {
            clear_process(reader, i);
        }
    }
    pt_instants_release(&instants);
    return code;
}
