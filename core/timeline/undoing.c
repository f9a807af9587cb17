/* SPDX-License-Identifier: MIT */
/* undoing.c - each kind of event, undone. */
#include "core/timeline/undoing.h"

#include "core/base/error.h"
#include "core/timeline/eventlog.h"
#include "core/timeline/recording.h"

/* One process being rewound. */
struct undoing {
    struct pt_reader *reader;
    const struct pt_undo_until *until;
    uint32_t process;
    struct pt_process *record;
    int64_t bytes;       // traced since the first event,
    int64_t raw_bytes;   // and of raw memory,
    int64_t most_bytes;  // the most of both together until the moment,
    int64_t bytes_then;  // and what they were then
    int64_t raw_bytes_then;
};

static int
is_later(const struct undoing *undoing, const struct pt_event *event)
{
    const struct pt_undo_until *until = undoing->until;

    return undoing->process == until->process
               ? event->sequence > until->sequence
               : event->time_ns > until->time_ns;
}

static void
undo_line(const struct undoing *undoing, const struct pt_event *event)
{
    const struct pt_code *code = pt_reader_item(
        undoing->reader, undoing->process, PT_SEGMENT_CODE, event->code);
    uint64_t index;
    uint64_t *counter;

    // Lines of code whose counters are those of probes follow from others.
    if (code == NULL || code->counter == 0 || code->terms != 0 ||
        event->line < code->first_line ||
        event->line - code->first_line >= code->lines) {
        return;
    }
    index = (uint64_t)code->counter + (event->line - code->first_line);
    counter =
        index <= UINT32_MAX
            ? (uint64_t *)pt_reader_item(undoing->reader, undoing->process,
                                         PT_SEGMENT_COUNTER, (uint32_t)index)
            : NULL;
    if (counter != NULL && (*counter & PT_COUNTER_HITS) != 0) {
        *counter -= 1;
    }
}

static void
count_block(struct undoing *undoing, const struct pt_event *event)
{
    int64_t sign = event->kind == PT_KIND_ALLOC ? 1 : -1;
    struct pt_pair *pair = (struct pt_pair *)pt_reader_item(
        undoing->reader, undoing->process, PT_SEGMENT_PAIR, event->pair);

    if (pair == NULL) {
        return;
    }
    if (pair->domain == PT_DOMAIN_RAW) {
        undoing->raw_bytes += sign * (int64_t)pair->size_bytes;
    }
    else {
        undoing->bytes += sign * (int64_t)pair->size_bytes;
    }
    if (is_later(undoing, event)) {
        pair->live -= sign;
        pair->allocated -= sign > 0;
    }
}

static void
undo_native(const struct undoing *undoing, const struct pt_event *event)
{
    struct pt_native_pair *pair = (struct pt_native_pair *)pt_reader_item(
        undoing->reader, undoing->process, PT_SEGMENT_NATIVE, event->pair);

    if (pair != NULL) {
        pair->allocated -= event->kind == PT_KIND_NATIVE_ALLOC;
        pair->freed -= event->kind == PT_KIND_NATIVE_FREE;
    }
}

static void
take_event(struct undoing *undoing, const struct pt_event *event)
{
    int is_undone = is_later(undoing, event);

    if (event->kind == PT_KIND_ALLOC || event->kind == PT_KIND_FREE) {
        count_block(undoing, event);
    }
    else if (is_undone && event->kind == PT_KIND_LINE) {
        undo_line(undoing, event);
    }
    else if (is_undone && (event->kind == PT_KIND_NATIVE_ALLOC ||
                           event->kind == PT_KIND_NATIVE_FREE)) {
        undo_native(undoing, event);
    }
    if (!is_undone) {
        int64_t held = undoing->bytes + undoing->raw_bytes;

        undoing->bytes_then = undoing->bytes;
        undoing->raw_bytes_then = undoing->raw_bytes;
        undoing->most_bytes = held > undoing->most_bytes ? held
                                                         : undoing->most_bytes;
    }
}

/* The totals of then. Which lines made an earlier peak is not known. */
static void
set_totals(const struct undoing *undoing)
{
    struct pt_process *record = undoing->record;
    int64_t start = (int64_t)atomic_load(&record->traced_bytes) +
                    atomic_load(&record->raw_bytes) - undoing->bytes -
                    undoing->raw_bytes;
    int64_t peak = start + undoing->most_bytes;

    record->traced_bytes -= undoing->bytes - undoing->bytes_then;
    record->raw_bytes -= undoing->raw_bytes - undoing->raw_bytes_then;
    atomic_store(&record->peak_bytes, peak > 0 ? (uint64_t)peak : 0);
    atomic_store(&record->peak_epoch, UINT32_MAX);
}

int
pt_undo_events(struct pt_reader *reader, uint32_t process,
               const struct pt_undo_until *until)
{
    struct undoing undoing = {
        .reader = reader,
        .until = until,
        .process = process,
        .record = (struct pt_process *)pt_reader_process(reader, process)};
    struct pt_eventlog *log;
    struct pt_event event;
    int code = pt_eventlog_open(&log, reader, process);

    while (code == PT_OK && (code = pt_eventlog_next(log, &event)) > 0) {
        take_event(&undoing, &event);
        code = PT_OK;
    }
    pt_eventlog_close(log);
    if (code == PT_OK) {
        set_totals(&undoing);
    }
    return code;
}

/* What is not known of the moment must not be taken for what it was. */
void
pt_undo_forget(struct pt_reader *reader, uint32_t process, uint32_t forgotten)
{
    uint32_t codes = pt_reader_items(reader, process, PT_SEGMENT_CODE);
    uint32_t pairs = pt_reader_items(reader, process, PT_SEGMENT_PAIR);

    for (uint32_t i = 1; i < codes && (forgotten & PT_WANT_COUNT) != 0; i++) {
        struct pt_code *code = (struct pt_code *)pt_reader_item(
            reader, process, PT_SEGMENT_CODE, i);

        if (code != NULL) {
            code->counter = 0;
        }
    }
    for (uint32_t i = 1; i < pairs && (forgotten & PT_WANT_MEM) != 0; i++) {
        struct pt_pair *pair = (struct pt_pair *)pt_reader_item(
            reader, process, PT_SEGMENT_PAIR, i);

        if (pair != NULL) {
            atomic_store(&pair->live, 0);
            atomic_store(&pair->allocated, 0);
        }
    }
}
