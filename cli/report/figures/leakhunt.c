/* SPDX-License-Identifier: MIT */
/* leakhunt.c - replaying events into series, and judging every line. */
#include "cli/report/figures/leakhunt.h"

#include <stdlib.h>
#include <string.h>

#include "cli/report/figures/pairlines.h"
#include "cli/report/figures/snaphunt.h"
#include "cli/report/text/room.h"
#include "core/base/rawmem.h"
#include "core/timeline/eventlog.h"

#define LABELS_MAX 256u
#define OPEN_MAX 1024u  // spans of the label that are open at once

/* -- Which work -- */

struct label {
    char *text;
    uint64_t count;
};

struct labels {
    struct label label[LABELS_MAX];
    uint32_t labels;
};

static int
is_label(const char *label, const struct pt_event *event)
{
    return strlen(label) == event->text_bytes &&
           memcmp(label, event->text, event->text_bytes) == 0;
}

static int
count_label(struct labels *labels, const struct pt_event *event)
{
    struct label *label = labels->label;
    struct label *end = label + labels->labels;

    while (label < end && !is_label(label->text, event)) {
        label++;
    }
    if (label == end) {
        if (labels->labels == LABELS_MAX) {
            return PT_OK;
        }
        // One more byte, so that it ends with 0.
        label->text = pt_rawmem_array(event->text_bytes + 1, 1);
        if (label->text == NULL) {
            return PT_ERR_NOMEM;
        }
        memcpy(label->text, event->text, event->text_bytes);
        labels->labels++;
    }
    label->count++;
    return PT_OK;
}

static int
count_labels(struct labels *labels, const struct pt_reader *reader,
             uint32_t process)
{
    struct pt_eventlog *log;
    struct pt_event event;
    int code = pt_eventlog_open(&log, reader, process);

    while (code == PT_OK && (code = pt_eventlog_next(log, &event)) > 0) {
        code = event.kind == PT_KIND_SPAN_BEGIN || event.kind == PT_KIND_MARK
                   ? count_label(labels, &event)
                   : PT_OK;
    }
    pt_eventlog_close(log);
    return code;
}

/* The label there is most of but for `passed`, of equal ones the first; NULL
 * where there is none. */
static const struct label *
find_most(const struct labels *labels, const struct label *passed)
{
    const struct label *most = NULL;

    for (uint32_t i = 0; i < labels->labels; i++) {
        const struct label *label = &labels->label[i];

        if (label != passed && (most == NULL || label->count > most->count)) {
            most = label;
        }
    }
    return most;
}

/* The label there is most of; nothing where there is none. */
static int
choose_label(struct pt_leakhunt *hunt)
{
    const struct pt_aggregate *sum = &hunt->dossier->sum;
    struct labels labels = {.labels = 0};
    const struct label *most, *next;
    int code = PT_OK;

    for (uint32_t i = 0; i < sum->shares && code == PT_OK; i++) {
        code = count_labels(&labels, hunt->dossier->reader,
                            sum->share[i].record->number);
    }
    most = find_most(&labels, NULL);
    if (most != NULL) {
        pt_buf_add_text(&hunt->label, most->text);
    }
    next = find_most(&labels, most);
    if (next != NULL) {
        pt_buf_add_text(&hunt->passed, next->text);
        hunt->passed_work = next->count;
    }
    for (uint32_t i = 0; i < labels.labels; i++) {
        pt_rawmem_free(labels.label[i].text);
    }
    if (code == PT_OK) {
        code = pt_buf_check(&hunt->label);
    }
    return code != PT_OK ? code : pt_buf_check(&hunt->passed);
}

/* -- One process -- */

struct replay {
    struct pt_leakhunt *hunt;
    const struct pt_share *share;
    struct pt_series series;
    struct pt_pairlines python;
    struct pt_pairlines native;
    int64_t *bytes;  // of each line, more than at the start
    int64_t *blocks;
    uint64_t open[OPEN_MAX];  // numbers of spans of the label
    uint32_t opened;
    uint64_t work;
    uint64_t allocations;
};

static int
replay_init(struct replay *replay)
{
    const struct pt_dossier *dossier = replay->hunt->dossier;
    uint32_t lines = pt_pairlines_count(dossier);
    int code = pt_series_init(&replay->series, lines);

    replay->bytes = pt_rawmem_array(lines, sizeof(int64_t));
    replay->blocks = pt_rawmem_array(lines, sizeof(int64_t));
    if (replay->bytes == NULL || replay->blocks == NULL) {
        code = PT_ERR_NOMEM;
    }
    if (code == PT_OK) {
        code = pt_pairlines_init(&replay->python, dossier, replay->share);
    }
    if (code == PT_OK) {
        code =
            pt_pairlines_init_native(&replay->native, dossier, replay->share);
    }
    return code;
}

static void
replay_release(struct replay *replay)
{
    pt_pairlines_release(&replay->python);
    pt_pairlines_release(&replay->native);
    pt_rawmem_free(replay->bytes);
    pt_rawmem_free(replay->blocks);
    pt_series_release(&replay->series);
}

/* A block of a pair was born (1) or died (-1). */
static void
count_block(struct replay *replay, const struct pt_pairlines *lines,
            uint32_t pair, int64_t sign)
{
    uint32_t line = pair < lines->pairs ? lines->line_of[pair]
                                        : PT_PAIRLINES_NONE;

    if (line != PT_PAIRLINES_NONE) {
        replay->blocks[line] += sign;
        replay->bytes[line] += sign * (int64_t)lines->size_of[pair];
        replay->allocations += sign > 0;
    }
}

static void
do_work(struct replay *replay)
{
    replay->work++;
    pt_series_take(&replay->series, replay->work, replay->bytes,
                   replay->blocks);
}

/* What was before the first piece of work is no part of it. */
static void
begin_work(struct replay *replay)
{
    if (replay->series.points == 0) {
        pt_series_take(&replay->series, 0, replay->bytes, replay->blocks);
    }
}

static void
end_span(struct replay *replay, uint64_t number)
{
    for (uint32_t i = 0; i < replay->opened; i++) {
        if (replay->open[i] == number) {
            replay->open[i] = replay->open[--replay->opened];
            do_work(replay);
            return;
        }
    }
}

static void
take_event(struct replay *replay, const struct pt_event *event)
{
    const char *label = pt_buf_text(&replay->hunt->label);

    switch (event->kind) {
    case PT_KIND_ALLOC:
        count_block(replay, &replay->python, event->pair, 1);
        break;
    case PT_KIND_FREE:
        count_block(replay, &replay->python, event->pair, -1);
        break;
    case PT_KIND_NATIVE_ALLOC:
        count_block(replay, &replay->native, event->pair, 1);
        break;
    case PT_KIND_NATIVE_FREE:
        count_block(replay, &replay->native, event->pair, -1);
        break;
    case PT_KIND_SPAN_BEGIN:
        if (is_label(label, event)) {
            begin_work(replay);
            if (replay->opened < OPEN_MAX) {
                replay->open[replay->opened++] = event->number;
            }
        }
        break;
    case PT_KIND_SPAN_END:
        end_span(replay, event->number);
        break;
    case PT_KIND_MARK:
        if (is_label(label, event)) {
            begin_work(replay);
            do_work(replay);
        }
        break;
    default:
        break;
    }
}

static int
take_events(struct replay *replay)
{
    struct pt_eventlog *log;
    struct pt_event event;
    int code = pt_eventlog_open(&log, replay->hunt->dossier->reader,
                                replay->share->record->number);

    while (code == PT_OK && (code = pt_eventlog_next(log, &event)) > 0) {
        take_event(replay, &event);
        code = PT_OK;
    }
    if (code == PT_OK) {
        replay->hunt->lost += pt_eventlog_lost(log);
    }
    pt_eventlog_close(log);
    return code;
}

static int
add_grown(struct pt_leakhunt *hunt, const struct pt_leak *leak)
{
    void *array = hunt->leak;
    int code =
        pt_room_reserve(&array, hunt->grown, &hunt->room, sizeof(*leak));

    hunt->leak = array;
    if (code == PT_OK) {
        hunt->leak[hunt->grown++] = *leak;
        hunt->leaks += leak->growth.shape == PT_GROWTH_LEAK;
    }
    return code;
}

static int
judge(struct pt_leakhunt *hunt, uint32_t process,
      const struct pt_series *series, const struct pt_filter *filter)
{
    const struct pt_aggregate *sum = &hunt->dossier->sum;
    int code = PT_OK;

    for (uint32_t i = 0; i < series->lines && code == PT_OK; i++) {
        struct pt_leak leak = {.process = process,
                               .place = i % sum->places,
                               .is_native = i >= sum->places,
                               .growth = pt_series_judge(series, i)};

        if (leak.growth.grown_bytes <= 0 ||
            !pt_dossier_takes(hunt->dossier, filter,
                              sum->place[leak.place].file)) {
            continue;
        }
        code = add_grown(hunt, &leak);
    }
    return code;
}

/* -- All processes -- */

static enum pt_leakhunt_lack
lack_of(const struct replay *replay)
{
    return replay->work == 0                         ? PT_LACK_WORK
           : replay->allocations == 0                ? PT_LACK_EVENTS
           : replay->series.points < PT_SERIES_LEAST ? PT_LACK_POINTS
                                                     : PT_LACK_NOTHING;
}

static int
hunt_in_process(struct pt_leakhunt *hunt, const struct pt_share *share,
                const struct pt_filter *filter)
{
    struct replay *replay = pt_rawmem_array(1, sizeof(*replay));
    int code = PT_ERR_NOMEM;

    if (replay != NULL) {
        *replay = (struct replay){.hunt = hunt, .share = share};
        code = replay_init(replay);
        if (code == PT_OK) {
            code = take_events(replay);
        }
        if (code == PT_OK) {
            enum pt_leakhunt_lack lack = lack_of(replay);

            // What one process lacks another may have.
            if (hunt->work == 0 || lack == PT_LACK_NOTHING) {
                hunt->lack = lack;
            }
            hunt->work += replay->work;
            code = judge(hunt, share->record->number, &replay->series, filter);
        }
        replay_release(replay);
        pt_rawmem_free(replay);
    }
    return code;
}

static int
hunt_at_snapshots(struct pt_leakhunt *hunt, const struct pt_share *share,
                  const struct pt_instants *instants, const char *label,
                  const struct pt_filter *filter)
{
    uint32_t process = share->record->number, snapshots;
    struct pt_series series;
    int code = pt_series_init(&series, pt_pairlines_count(hunt->dossier));

    if (code != PT_OK) {
        return code;
    }
    code = pt_snaphunt_take(hunt->dossier, process, instants, label, &series,
                            &snapshots);
    if (code == PT_OK && series.points >= PT_SERIES_LEAST) {
        hunt->lack = PT_LACK_NOTHING;
        hunt->work += snapshots - 1;
        code = judge(hunt, process, &series, filter);
    }
    else if (code == PT_OK && snapshots != 0 && hunt->lack == PT_LACK_WORK) {
        hunt->lack = PT_LACK_POINTS;
    }
    pt_series_release(&series);
    return code;
}

/* Where events do not tell, snapshots may: from each to the next is a piece of
 * work. */
static int
hunt_by_snapshots(struct pt_leakhunt *hunt, const char *label,
                  const struct pt_filter *filter)
{
    const struct pt_aggregate *sum = &hunt->dossier->sum;
    enum pt_leakhunt_lack lack = hunt->lack;
    struct pt_instants instants;
    int code = pt_instants_init(&instants, hunt->dossier->reader);

    if (code != PT_OK) {
        return code;
    }
    hunt->work = 0;
    hunt->grown = hunt->leaks = 0;
    for (uint32_t i = 0; i < sum->shares && code == PT_OK; i++) {
        code =
            hunt_at_snapshots(hunt, &sum->share[i], &instants, label, filter);
    }
    if (hunt->lack != lack) {
        pt_buf_reset(&hunt->label);
        hunt->passed_work = 0;
        pt_buf_add_text(&hunt->label, label != NULL ? label : "snapshot");
    }
    pt_instants_release(&instants);
    return code != PT_OK ? code : pt_buf_check(&hunt->label);
}

static int
compare_leaks(const void *left, const void *right)
{
    const struct pt_leak *a = left, *b = right;

    int is_leak = a->growth.shape == PT_GROWTH_LEAK;

    if (is_leak != (b->growth.shape == PT_GROWTH_LEAK)) {
        return is_leak ? -1 : 1;
    }
    if (is_leak && a->growth.bytes_per_work != b->growth.bytes_per_work) {
        return a->growth.bytes_per_work > b->growth.bytes_per_work ? -1 : 1;
    }
    if (!is_leak && a->growth.grown_bytes != b->growth.grown_bytes) {
        return a->growth.grown_bytes > b->growth.grown_bytes ? -1 : 1;
    }
    if (a->place != b->place) {
        return a->place < b->place ? -1 : 1;
    }
    return a->is_native - b->is_native;
}

int
pt_leakhunt_init(struct pt_leakhunt *hunt, struct pt_dossier *dossier,
                 const char *label, const struct pt_filter *filter)
{
    const struct pt_aggregate *sum = &dossier->sum;
    int code = PT_OK;

    *hunt = (struct pt_leakhunt){.dossier = dossier, .lack = PT_LACK_WORK};
    if (label == NULL) {
        code = choose_label(hunt);
    }
    else {
        pt_buf_add_text(&hunt->label, label);
    }
    for (uint32_t i = 0;
         i < sum->shares && code == PT_OK && hunt->label.used != 0; i++) {
        code = hunt_in_process(hunt, &sum->share[i], filter);
    }
    if (code == PT_OK &&
        (hunt->lack == PT_LACK_WORK || hunt->lack == PT_LACK_EVENTS ||
         (hunt->lack == PT_LACK_POINTS && label == NULL))) {
        code = hunt_by_snapshots(hunt, label, filter);
    }
    if (code != PT_OK) {
        pt_leakhunt_release(hunt);
        return code;
    }
    if (hunt->grown != 0) {
        qsort(hunt->leak, hunt->grown, sizeof(*hunt->leak), compare_leaks);
    }
    return PT_OK;
}

void
pt_leakhunt_release(struct pt_leakhunt *hunt)
{
    pt_rawmem_free(hunt->leak);
    pt_buf_release(&hunt->label);
    pt_buf_release(&hunt->passed);
    *hunt = (struct pt_leakhunt){0};
}
