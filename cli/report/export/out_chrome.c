/* SPDX-License-Identifier: MIT */
/* out_chrome.c - the JSON of chrome://tracing, which Perfetto reads as well.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/report/export/export.h"
#include "cli/report/export/phrases.h"
#include "cli/report/figures/tracks.h"
#include "cli/report/text/json.h"

struct chrome {
    const struct pt_dossier *dossier;
    struct pt_outlet *outlet;
    struct pt_buf *file;
    const char *separator;
    struct pt_phrases *phrases;
    struct pt_phrase *phrase;  // of the item in hand,
    struct pt_buf *out;        // and its text
};

/* What every event has: its phase, whose it is, its time. */
static void
begin_event(struct chrome *chrome, const struct pt_track_item *item,
            const char *phase)
{
    pt_buf_add_format(chrome->out,
                      "{\"ph\": \"%s\", \"pid\": %u, \"tid\": %u, \"ts\": ",
                      phase, item->share->record->pid, item->thread);
    chrome->phrase->cut = chrome->out->used;
}

static void
add_name(struct chrome *chrome, const struct pt_track_item *item)
{
    pt_buf_add_text(chrome->out, ", \"name\": ");
    pt_json_add_bytes(chrome->out, item->name, item->name_bytes);
}

static void
add_place(struct chrome *chrome, const struct pt_track_item *item)
{
    if (item->place.file == 0) {
        return;
    }
    pt_buf_add_text(chrome->out, ", \"args\": {\"file\": ");
    pt_json_add(chrome->out,
                pt_dossier_path(chrome->dossier, item->place.file));
    pt_buf_add_format(chrome->out, ", \"line\": %u", item->place.line);
    if (item->place.blocks != 0) {
        pt_buf_add_format(chrome->out, ", \"bytes\": %" PRIu64,
                          item->place.size_bytes);
    }
    pt_buf_add_char(chrome->out, '}');
}

static void
add_names(struct chrome *chrome, const struct pt_track_item *item)
{
    begin_event(chrome, item, "M");
    if (item->kind == PT_TRACK_PROCESS) {
        pt_buf_add_text(chrome->out, ", \"name\": \"process_name\", \"args\": "
                                     "{\"name\": ");
        pt_json_add(chrome->out, chrome->dossier->header->command);
    }
    else {
        pt_buf_add_format(chrome->out,
                          ", \"name\": \"thread_name\", \"args\": {\"name\": "
                          "\"thread %u\"",
                          item->thread);
    }
    pt_buf_add_char(chrome->out, '}');
}

/* Those of one counter are shown on top of each other. */
static void
add_values(struct chrome *chrome, const struct pt_track_gauges *gauge)
{
    pt_buf_add_text(chrome->out, ", \"args\": {");
    for (uint32_t i = 0; i < gauge->gauges; i++) {
        pt_buf_add_text(chrome->out, i != 0 ? ", " : "");
        pt_json_add(chrome->out, gauge->name[i]);
        pt_buf_add_format(chrome->out, ": %" PRIu64, gauge->value[i]);
    }
    pt_buf_add_char(chrome->out, '}');
}

static void
describe(struct chrome *chrome, const struct pt_track_item *item)
{
    switch (item->kind) {
    case PT_TRACK_PROCESS:
    case PT_TRACK_THREAD:
        add_names(chrome, item);
        break;
    case PT_TRACK_BEGIN:
        begin_event(chrome, item, "B");
        add_name(chrome, item);
        add_place(chrome, item);
        break;
    case PT_TRACK_END:
        begin_event(chrome, item, "E");
        break;
    case PT_TRACK_INSTANT:
        begin_event(chrome, item, "i");
        add_name(chrome, item);
        pt_buf_add_text(chrome->out, ", \"s\": \"t\"");
        add_place(chrome, item);
        break;
    case PT_TRACK_SPAN_BEGIN:
    case PT_TRACK_SPAN_END:
        begin_event(chrome, item,
                    item->kind == PT_TRACK_SPAN_BEGIN ? "b" : "e");
        add_name(chrome, item);
        pt_buf_add_format(chrome->out, ", \"cat\": \"span\", \"id\": %" PRIu64,
                          item->number);
        break;
    case PT_TRACK_HEAP:
        begin_event(chrome, item, "C");
        pt_buf_add_format(chrome->out,
                          ", \"name\": \"heap\", \"args\": {\"bytes\": "
                          "%" PRId64 "}",
                          item->value);
        break;
    case PT_TRACK_VALUES:
        begin_event(chrome, item, "C");
        add_name(chrome, item);
        add_values(chrome, &item->gauge);
        break;
    case PT_TRACK_GAUGES:
        // They are known by their values.
        return;
    }
    pt_buf_add_char(chrome->out, '}');
}

/* Times are in microseconds. */
static int
add_item(void *self, const struct pt_track_item *item)
{
    struct chrome *chrome = self;
    struct pt_phrase *phrase;
    int code;

    if (item->kind == PT_TRACK_PROCESS) {
        pt_phrases_clear(chrome->phrases);
    }
    phrase = pt_phrases_seek(chrome->phrases, item->key);
    if (phrase->text.used == 0) {
        chrome->phrase = phrase;
        chrome->out = &phrase->text;
        describe(chrome, item);
        code = pt_buf_check(&phrase->text);
        if (code != PT_OK || phrase->text.used == 0) {
            return code;
        }
    }
    pt_buf_add_text(chrome->file, chrome->separator);
    chrome->separator = ",\n";
    pt_buf_add(chrome->file, phrase->text.data, phrase->cut);
    pt_buf_add_number(chrome->file, item->time_ns / 1000);
    pt_buf_add_char(chrome->file, '.');
    pt_buf_add_digits(chrome->file, item->time_ns % 1000, 3);
    pt_buf_add(chrome->file, phrase->text.data + phrase->cut,
               phrase->text.used - phrase->cut);
    return pt_outlet_pour(chrome->outlet, chrome->file, PT_OUTLET_PIECE);
}

int
pt_out_chrome(struct pt_export *request)
{
    struct chrome chrome = {.dossier = request->dossier,
                            .outlet = request->outlet,
                            .file = request->out,
                            .separator = "\n",
                            .phrases = pt_phrases_new()};
    int code = PT_ERR_NOMEM;

    if (chrome.phrases != NULL) {
        pt_buf_add_text(request->out,
                        "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [");
        code = pt_tracks_send(request->dossier, add_item, &chrome);
        pt_buf_add_text(request->out, "\n]}\n");
    }
    pt_phrases_free(chrome.phrases);
    return code;
}
