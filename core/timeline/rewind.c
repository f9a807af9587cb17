/* SPDX-License-Identifier: MIT */
/* rewind.c - finding a moment, and undoing what came after it. */
#include "core/timeline/rewind.h"

#include <stdlib.h>
#include <string.h>

#include "core/timeline/eventlog.h"
#include "core/timeline/instants.h"
#include "core/timeline/samples.h"
#include "core/timeline/undoing.h"

#define SECONDS_MAX 1e9
// What no event tells of.
#define NEVER_KNOWN                                               \
  (PT_WANT_ARCS | PT_WANT_TIMES | PT_WANT_CALLS | PT_WANT_FUNCS | \
   PT_WANT_TEMPORARY | PT_WANT_LIFETIME)

// -- Which moment ------------------------------------------------------------

typedef void (*look_at)(void *context, uint32_t process,
                        const struct pt_event *event);

static int
look_through(const struct pt_reader *reader, uint32_t process, look_at look,
             void *context)
{
    struct pt_eventlog *log;
    struct pt_event event;
    int code = pt_eventlog_open(&log, reader, process);

    while (code == PT_OK && (code = pt_eventlog_next(log, &event)) > 0) {
        look(context, process, &event);
        code = PT_OK;
    }
    pt_eventlog_close(log);
    return code;
}

struct wanted_mark {
    const char *label;
    struct pt_undo_until found;
};

static void
look_for_mark(void *context, uint32_t process, const struct pt_event *event)
{
    struct wanted_mark *mark = context;

    if (event->kind == PT_KIND_MARK &&
        strlen(mark->label) == event->text_bytes &&
        memcmp(mark->label, event->text, event->text_bytes) == 0 &&
        event->time_ns >= mark->found.time_ns) {
        mark->found = (struct pt_undo_until){1, process, event->sequence,
                                             event->time_ns};
    }
}

static int
find_mark(const struct pt_reader *reader, const char *label,
          struct pt_undo_until *moment)
{
    struct wanted_mark mark = {.label = label};
    int code = PT_OK;

    for (uint32_t i = 0; i < pt_reader_processes(reader) && code == PT_OK;
         i++) {
        code = look_through(reader, i, look_for_mark, &mark);
    }
    *moment = mark.found;
    return code;
}

static void
read_seconds(const struct pt_reader *reader, const char *text,
             struct pt_undo_until *moment)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end != text && *end == '\0' && seconds >= 0 && seconds < SECONDS_MAX) {
        *moment = (struct pt_undo_until){
            .is_found = 1,
            .process = UINT32_MAX,
            .time_ns = pt_reader_header(reader)->start_ns +
                       (uint64_t)(seconds * 1e9 + 0.5)};
    }
}

// -- What is known -----------------------------------------------------------

/* What was recorded of a process. */
static uint32_t
wanted_of(const struct pt_reader *reader, uint32_t process)
{
    const struct pt_run *run = pt_reader_run(reader, process);

    return run != NULL ? run->wanted : pt_reader_header(reader)->wanted;
}

/* What events cannot tell, of what was recorded. */
static uint32_t
unknown_of(uint32_t wanted)
{
    uint32_t unknown = wanted & NEVER_KNOWN;

    if ((wanted & PT_WANT_ALLOC_EVENTS) == 0) {
        unknown |= wanted & (PT_WANT_MEM | PT_WANT_NATIVE);
    }
    if ((wanted & PT_WANT_LINE_EVENTS) == 0 || (wanted & PT_WANT_HITS) != 0) {
        unknown |= wanted & PT_WANT_COUNT;
    }
    return unknown;
}

/* Are all events there from the moment on? */
static int
is_whole(const struct pt_reader *reader, uint32_t process,
         const struct pt_undo_until *moment, int *whole)
{
    const struct pt_header *header = pt_reader_header(reader);
    uint64_t lost = 0, first_ns = UINT64_MAX;
    struct pt_eventlog *log;
    struct pt_event event;
    int code = pt_eventlog_open(&log, reader, process);

    while (code == PT_OK && (code = pt_eventlog_next(log, &event)) > 0) {
        first_ns = event.time_ns < first_ns ? event.time_ns : first_ns;
        lost = event.time_ns <= moment->time_ns ? pt_eventlog_lost(log) : lost;
        code = PT_OK;
    }
    if (code == PT_OK) {
        // Of a kept end the first event may be behind it.
        *whole = pt_eventlog_lost(log) == lost && !pt_eventlog_is_cut(log) &&
                 ((header->ring_bytes == 0 && header->last_ns == 0) ||
                  first_ns <= moment->time_ns);
    }
    pt_eventlog_close(log);
    return code;
}

static int
lives_then(const struct pt_process *record, const struct pt_undo_until *moment)
{
    return record != NULL && record->start_ns <= moment->time_ns;
}

/* Find out what is not known of a moment: of no process, that is. */
static int
find_unknown(const struct pt_reader *reader,
             const struct pt_undo_until *moment, uint32_t *unknown)
{
    int code = PT_OK;

    *unknown = 0;
    for (uint32_t i = 0; i < pt_reader_processes(reader) && code == PT_OK;
         i++) {
        int whole = 0;

        // The program itself is there even before it began.
        if (i != 0 && !lives_then(pt_reader_process(reader, i), moment)) {
            continue;
        }
        code = is_whole(reader, i, moment, &whole);
        *unknown |= whole ? unknown_of(wanted_of(reader, i))
                          : wanted_of(reader, i);
    }
    return code;
}

/* The last sample of the program until a moment. */
static int
find_sample(const struct pt_reader *reader, uint64_t time_ns,
            struct pt_rewound *rewound)
{
    struct pt_samples samples;
    int code = pt_samples_read(&samples, reader, 0);

    for (uint32_t i = 0; code == PT_OK && i < samples.count &&
                         samples.sample[i].time_ns <= time_ns;
         i++) {
        rewound->held_bytes = samples.sample[i].traced_bytes;
        rewound->sampled_ns = samples.sample[i].time_ns;
    }
    if (code == PT_OK) {
        pt_samples_release(&samples);
    }
    return code;
}

// -- All of it ---------------------------------------------------------------

static int
rewind_process(struct pt_reader *reader, uint32_t process,
               const struct pt_undo_until *moment)
{
    const struct pt_process *record = pt_reader_process(reader, process);

    if (record == NULL) {
        return PT_OK;
    }
    if (process != 0 && !lives_then(record, moment)) {
        pt_reader_hide(reader, process);
        return PT_OK;
    }
    return pt_undo_events(reader, process, moment);
}

static int
rewind_all(struct pt_reader *reader, const struct pt_undo_until *moment,
           struct pt_rewound *rewound)
{
    const struct pt_header *header = pt_reader_header(reader);
    uint32_t wanted = header->wanted;
    int code = find_unknown(reader, moment, &rewound->forgotten);

    rewound->time_ns = moment->time_ns;
    if (code != PT_OK) {
        return code;
    }
    if (header->ended && moment->time_ns >= header->end_ns) {
        rewound->is_possible = rewound->is_end = 1;
        rewound->forgotten = 0;
        return PT_OK;
    }
    if ((wanted & ~rewound->forgotten & (PT_WANT_MEM | PT_WANT_COUNT)) == 0) {
        code = find_sample(reader, moment->time_ns, rewound);
        return code == PT_OK ? PT_ERR_RANGE : code;
    }
    rewound->is_possible = 1;
    code = pt_reader_own(reader);
    for (uint32_t i = 0; i < pt_reader_processes(reader) && code == PT_OK;
         i++) {
        code = rewind_process(reader, i, moment);
        pt_undo_forget(reader, i, rewound->forgotten);
    }
    pt_reader_forget(reader, rewound->forgotten);
    return code;
}

int
pt_rewind(struct pt_reader *reader, const char *text,
          struct pt_rewound *rewound)
{
    struct pt_undo_until moment = {0};
    int code = pt_instants_rewind(reader, text);

    *rewound = (struct pt_rewound){.is_snapshot = code == PT_OK,
                                   .is_possible = code == PT_OK};
    if (code != PT_ERR_RANGE) {
        return code;
    }
    code = find_mark(reader, text, &moment);
    if (code == PT_OK && !moment.is_found) {
        read_seconds(reader, text, &moment);
    }
    if (code != PT_OK) {
        return code;
    }
    return moment.is_found ? rewind_all(reader, &moment, rewound)
                           : PT_ERR_RANGE;
}

// -- The peak ----------------------------------------------------------------

struct summit {
    const struct pt_reader *reader;
    int64_t held_bytes;
    int64_t most_bytes;
    struct pt_undo_until moment;
};

static void
look_for_peak(void *context, uint32_t process, const struct pt_event *event)
{
    struct summit *summit = context;
    const struct pt_pair *pair;

    if (event->kind != PT_KIND_ALLOC && event->kind != PT_KIND_FREE) {
        return;
    }
    pair =
        pt_reader_item(summit->reader, process, PT_SEGMENT_PAIR, event->pair);
    if (pair == NULL) {
        return;
    }
    summit->held_bytes += event->kind == PT_KIND_ALLOC
                              ? (int64_t)pair->size_bytes
                              : -(int64_t)pair->size_bytes;
    if (summit->held_bytes > summit->most_bytes || !summit->moment.is_found) {
        summit->most_bytes = summit->held_bytes;
        summit->moment = (struct pt_undo_until){1, process, event->sequence,
                                                event->time_ns};
    }
}

static uint32_t
highest_process(const struct pt_reader *reader)
{
    uint64_t most = 0;
    uint32_t highest = 0;

    for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
        const struct pt_process *record = pt_reader_process(reader, i);

        if (record != NULL && atomic_load(&record->peak_bytes) > most) {
            most = atomic_load(&record->peak_bytes);
            highest = i;
        }
    }
    return highest;
}

int
pt_rewind_to_peak(struct pt_reader *reader, struct pt_rewound *rewound)
{
    uint32_t process = highest_process(reader);
    struct summit summit = {.reader = reader};
    int code = PT_OK;

    *rewound = (struct pt_rewound){0};
    if ((wanted_of(reader, process) & PT_WANT_ALLOC_EVENTS) != 0) {
        code = look_through(reader, process, look_for_peak, &summit);
    }
    if (code != PT_OK) {
        return code;
    }
    return summit.moment.is_found ? rewind_all(reader, &summit.moment, rewound)
                                  : PT_ERR_RANGE;
}
