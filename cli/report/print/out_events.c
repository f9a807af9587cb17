/* SPDX-License-Identifier: MIT */
/* out_events.c - one event after the other, in bounded memory. */
#include "cli/report/print/out_events.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/report/figures/eventplace.h"
#include "cli/report/figures/momentlist.h"
#include "cli/report/print/rssaccount.h"
#include "cli/report/text/json.h"
#include "core/base/file.h"
#include "core/base/pattern.h"

#define FLUSH_BYTES 65536u

// What accounts of resident memory are called beside events.
#define ACCOUNT "account"

struct writer {
    const struct pt_dossier *dossier;
    const struct pt_events_filter *filter;
    const struct pt_share *share;
    struct pt_momentlist moments;
    struct pt_moment moment;  // the next one, while there is one
    int has_moment;
    struct pt_buf out;
    uint64_t events;
    int fd;
};

/* Nanoseconds since the start of the run; what was before is at 0. */
static uint64_t
since_start(const struct writer *writer, uint64_t time_ns)
{
    uint64_t start = writer->dossier->header->start_ns;

    return time_ns > start ? time_ns - start : 0;
}

/* True if there are no patterns, or one fits the text. */
static int
fits(const struct pt_patterns *patterns, const char *text, size_t bytes)
{
    for (uint32_t i = 0; i < patterns->patterns; i++) {
        const char *pattern = patterns->pattern[i];

        if (pt_pattern_match(pattern, text, bytes)) {
            return 1;
        }
    }
    return patterns->patterns == 0;
}

/* What an event can be, and behind that what stands beside events; NULL at
 * the end. */
static const char *
kind_at(uint32_t at)
{
    return at < PT_KIND_UNKNOWN    ? pt_eventlog_name((enum pt_event_kind)at)
           : at == PT_KIND_UNKNOWN ? ACCOUNT
                                   : NULL;
}

const char *
pt_events_unknown_kind(const struct pt_patterns *kinds)
{
    for (uint32_t i = 0; i < kinds->patterns; i++) {
        struct pt_patterns one = {{kinds->pattern[i]}, 1};
        const char *kind;
        uint32_t at = 0;

        while ((kind = kind_at(at)) != NULL &&
               !fits(&one, kind, strlen(kind))) {
            at++;
        }
        if (kind == NULL) {
            return kinds->pattern[i];
        }
    }
    return NULL;
}

void
pt_events_add_kinds(struct pt_buf *text)
{
    for (uint32_t at = 0; kind_at(at) != NULL; at++) {
        pt_buf_add_text(text, at != 0 ? ", " : "");
        pt_buf_add_text(text, kind_at(at));
    }
}

static int
fits_function(const struct pt_patterns *patterns,
              const struct pt_eventplace *place)
{
    const char *dot =
        place->function_bytes != 0
            ? memrchr(place->function, '.', place->function_bytes)
            : NULL;
    const char *last = dot != NULL ? dot + 1 : place->function;

    return fits(patterns, place->function, place->function_bytes) ||
           fits(patterns, last,
                place->function_bytes - (size_t)(last - place->function));
}

/* What is of no file is of none that is to be left out. */
static int
asks_place(const struct pt_events_filter *filter)
{
    return filter->files.only.patterns != 0 || filter->functions.patterns != 0;
}

static int
asks_size(const struct pt_events_filter *filter)
{
    return filter->least_bytes != 0 || filter->most_bytes != UINT64_MAX;
}

static int
is_in_time(const struct writer *writer, uint64_t time_ns)
{
    uint64_t at_ns = since_start(writer, time_ns);

    return at_ns >= writer->filter->since_ns &&
           at_ns <= writer->filter->until_ns;
}

static int
is_wanted(const struct writer *writer, const struct pt_event *event,
          const struct pt_eventplace *place)
{
    const struct pt_events_filter *filter = writer->filter;
    const char *kind = pt_eventlog_name(event->kind);

    if (!fits(&filter->kinds, kind, strlen(kind)) ||
        (filter->thread != PT_EVENTS_ANY && filter->thread != event->thread) ||
        !is_in_time(writer, event->time_ns)) {
        return 0;
    }
    if (asks_size(filter) &&
        (place->blocks == 0 || place->size_bytes < filter->least_bytes ||
         place->size_bytes > filter->most_bytes)) {
        return 0;
    }
    if (place->file == 0) {
        return !asks_place(filter);
    }
    return pt_dossier_takes(writer->dossier, &filter->files, place->file) &&
           fits_function(&filter->functions, place);
}

static void
add_place(struct writer *writer, const struct pt_eventplace *place)
{
    if (place->file != 0) {
        pt_buf_add_text(&writer->out, ", \"path\": ");
        pt_json_add(&writer->out,
                    pt_dossier_path(writer->dossier, place->file));
        pt_buf_add_text(&writer->out, ", \"line\": ");
        pt_buf_add_number(&writer->out, place->line);
        pt_buf_add_text(&writer->out, ", \"function\": ");
        pt_json_add_bytes(&writer->out, place->function,
                          place->function_bytes);
    }
    if (place->blocks != 0) {
        pt_buf_add_text(&writer->out, ", \"size\": ");
        pt_buf_add_number(&writer->out, place->size_bytes);
    }
}

static void
add_event(struct writer *writer, const struct pt_event *event,
          const struct pt_eventplace *place)
{
    uint64_t time_ns = since_start(writer, event->time_ns);
    struct pt_buf *out = &writer->out;

    pt_buf_add_text(out, "{\"process\": ");
    pt_buf_add_number(out, writer->share->record->number);
    pt_buf_add_text(out, ", \"sequence\": ");
    pt_buf_add_number(out, event->sequence);
    pt_buf_add_text(out, ", \"time\": ");
    pt_buf_add_number(out, time_ns / 1000000000u);
    pt_buf_add_char(out, '.');
    pt_buf_add_digits(out, time_ns % 1000000000u, 9);
    pt_buf_add_text(out, ", \"thread\": ");
    pt_buf_add_number(out, event->thread);
    pt_buf_add_text(out, ", \"kind\": \"");
    pt_buf_add_text(out, pt_eventlog_name(event->kind));
    pt_buf_add_char(out, '"');
    add_place(writer, place);
    switch (event->kind) {
    case PT_KIND_THREAD_START:
        pt_buf_add_format(out, ", \"native\": %" PRIu64, event->number);
        break;
    case PT_KIND_GC_STOP:
        pt_buf_add_format(
            out, ", \"collected\": %" PRIu64 ", \"uncollectable\": %" PRIu64,
            event->collected, event->uncollectable);
        // Which generation it was stands beside what came of it.
        pt_buf_add_format(out, ", \"generation\": %" PRIu64, event->number);
        break;
    case PT_KIND_GC_START:
        pt_buf_add_format(out, ", \"generation\": %" PRIu64, event->number);
        break;
    case PT_KIND_SPAN_BEGIN:
    case PT_KIND_SPAN_END:
    case PT_KIND_SNAPSHOT:
        pt_buf_add_format(out, ", \"number\": %" PRIu64, event->number);
        break;
    default:
        break;
    }
    if (event->text_bytes != 0) {
        pt_buf_add_text(out, ", \"label\": ");
        pt_json_add_bytes(out, event->text, event->text_bytes);
    }
    pt_buf_add_text(out, "}\n");
}

/* An account belongs to no thread and no place. */
static int
is_moment_wanted(const struct writer *writer)
{
    const struct pt_events_filter *filter = writer->filter;

    return fits(&filter->kinds, ACCOUNT, strlen(ACCOUNT)) &&
           filter->thread == PT_EVENTS_ANY && !asks_size(filter) &&
           !asks_place(filter) && is_in_time(writer, writer->moment.at_ns);
}

/* The accounts up to a time. */
static void
add_moments(struct writer *writer, uint64_t until_ns)
{
    while (writer->has_moment && writer->moment.at_ns <= until_ns) {
        if (is_moment_wanted(writer) &&
            writer->events < writer->filter->most_events) {
            uint64_t time_ns = since_start(writer, writer->moment.at_ns);

            pt_buf_add_format(&writer->out,
                              "{\"process\": %u, \"time\": %" PRIu64
                              ".%09u, \"kind\": \"" ACCOUNT "\", ",
                              writer->share->record->number,
                              time_ns / 1000000000u,
                              (unsigned)(time_ns % 1000000000u));
            pt_rssaccount_add_json(&writer->moment, &writer->out);
            pt_buf_add_text(&writer->out, "}\n");
            writer->events++;
        }
        writer->has_moment =
            pt_momentlist_next(&writer->moments, &writer->moment);
    }
}

static int
flush(struct writer *writer)
{
    int code = pt_buf_check(&writer->out);

    if (code == PT_OK) {
        code = pt_file_write(writer->fd, pt_buf_text(&writer->out),
                             writer->out.used);
        pt_buf_reset(&writer->out);
    }
    return code;
}

/* Gaps are found by reading; what was dropped without a page left none. */
static uint64_t
lost_of(const struct writer *writer, const struct pt_eventlog *log)
{
    uint64_t found = log != NULL ? pt_eventlog_lost(log) : 0;
    uint64_t known = atomic_load(&writer->share->record->dropped_events);

    return found > known ? found : known;
}

static int
write_process(struct writer *writer, uint64_t *lost)
{
    struct pt_eventlog *log;
    struct pt_event event;
    int code = pt_eventlog_open(&log, writer->dossier->reader,
                                writer->share->record->number);

    writer->moments = pt_momentlist_of(writer->dossier->reader,
                                       writer->share->record->number);
    writer->has_moment = pt_momentlist_next(&writer->moments, &writer->moment);
    while (code == PT_OK && writer->events < writer->filter->most_events &&
           (code = pt_eventlog_next(log, &event)) > 0) {
        struct pt_eventplace place =
            pt_eventplace_of(writer->dossier, writer->share, &event);

        code = PT_OK;
        add_moments(writer, event.time_ns);
        if (writer->events < writer->filter->most_events &&
            is_wanted(writer, &event, &place)) {
            add_event(writer, &event, &place);
            writer->events++;
        }
        if (writer->out.used >= FLUSH_BYTES) {
            code = flush(writer);
        }
    }
    if (code == PT_OK) {
        add_moments(writer, UINT64_MAX);
    }
    *lost += lost_of(writer, log);
    pt_eventlog_close(log);
    return code;
}

int
pt_out_events(const struct pt_dossier *dossier,
              const struct pt_events_filter *filter, int fd, uint64_t *lost)
{
    struct writer writer = {.dossier = dossier, .filter = filter, .fd = fd};
    int code = PT_OK;

    *lost = 0;
    errno = 0;
    for (uint32_t i = 0; i < dossier->sum.shares && code == PT_OK; i++) {
        writer.share = &dossier->sum.share[i];
        if (filter->process == PT_EVENTS_ANY ||
            filter->process == writer.share->record->number) {
            code = write_process(&writer, lost);
        }
    }
    if (code == PT_OK) {
        code = flush(&writer);
    }
    pt_buf_release(&writer.out);
    return code;
}
