/* SPDX-License-Identifier: MIT */
/* joined.c - a table of hits beside memory, with snippets of the sources. */
#include "cli/report/joined.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report/size_text.h"
#include "cli/report/sourcetext.h"
#include "core/base/rawmem.h"

#define SNIPPET_BYTES_MAX 60u
#define NAME_WIDTH_MAX 40

/* The text of a file, read when it is first asked for. */
struct loaded {
    int is_tried;
    struct pt_sourcetext source;
};

/* The text of a source line without the blanks around it, cut to a snippet. */
static void
add_snippet(struct pt_buf *out, const struct pt_buf *text, uint32_t line,
            enum pt_escape escape)
{
    const char *at = pt_buf_text(text);
    const char *end = at + text->used;
    size_t bytes;

    for (uint32_t i = 1; i < line && at < end; i++) {
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    }
    if (at == end || line == 0) {
        return;
    }
    end = memchr(at, '\n', (size_t)(end - at));
    while (at < end && strchr(" \t\f", *at) != NULL) {
        at++;
    }
    bytes = (size_t)(end - at);
    if (bytes > SNIPPET_BYTES_MAX) {
        bytes = SNIPPET_BYTES_MAX;
        // Not in the middle of a character.
        while (bytes != 0 && ((unsigned char)at[bytes] & 0xc0) == 0x80) {
            bytes--;
        }
    }
    if (bytes != 0) {
        pt_buf_add_text(out, "  ");
        pt_escape_add(out, at, bytes, escape);
    }
}

static const struct pt_buf *
load(struct pt_report *report, struct loaded *loaded, uint32_t file)
{
    struct pt_buf path = PT_BUF_INIT;

    if (file != 0 && !loaded[file].is_tried) {
        loaded[file].is_tried = 1;
        pt_naming_locate(&report->naming, report->sum.file[file].path, &path);
        if (pt_sourcetext_read(&loaded[file].source, pt_buf_text(&path),
                               NULL) != PT_OK) {
            // Without its text the line is still told by name and number.
            loaded[file].source.text.used = 0;
        }
        pt_buf_release(&path);
    }
    return &loaded[file].source.text;
}

/* "file:line", as it is shown. */
static void
add_name(struct pt_report *report, const struct pt_place *place,
         struct pt_buf *shown)
{
    struct pt_buf name = PT_BUF_INIT;

    pt_naming_show(&report->naming, report->sum.file[place->file].path, &name);
    pt_escape_add(shown, pt_buf_text(&name), name.used, report->escape);
    pt_buf_add_format(shown, ":%" PRIu32, place->line);
    pt_buf_release(&name);
}

/* How wide the column of names is; a very long name sticks out. */
static int
name_width(struct pt_report *report, const struct pt_place *const *place,
           uint32_t places)
{
    struct pt_buf name = PT_BUF_INIT;
    int width = 0;

    for (uint32_t i = 0; i < places; i++) {
        pt_buf_reset(&name);
        add_name(report, place[i], &name);
        if (name.used <= NAME_WIDTH_MAX && (int)name.used > width) {
            width = (int)name.used;
        }
    }
    pt_buf_release(&name);
    return width;
}

static void
add_row(struct pt_report *report, const struct pt_place *place, int width,
        const struct pt_buf *text)
{
    struct pt_buf name = PT_BUF_INIT;
    struct pt_buf snippet = PT_BUF_INIT;
    double bytes = (double)place->memory.live_bytes;
    int is_hit = place->hits != 0;

    add_name(report, place, &name);
    add_snippet(&snippet, text, place->line, report->escape);
    pt_buf_add_format(
        &report->out, "%12s  %10s  %10s  %-*s%s\n",
        place->is_executable ? pt_count_text(place->hits).text : "",
        pt_size_text(bytes).text,
        is_hit ? pt_size_text(bytes / (double)place->hits).text : "",
        snippet.used != 0 ? width : 0, pt_buf_text(&name),
        pt_buf_text(&snippet));
    pt_buf_release(&snippet);
    pt_buf_release(&name);
}

void
pt_joined_add(struct pt_report *report, const struct pt_place *const *place,
              uint32_t places)
{
    struct loaded *loaded =
        pt_rawmem_array(report->sum.files, sizeof(*loaded));
    int width = name_width(report, place, places);

    if (loaded == NULL) {
        report->out.failed = 1;
        return;
    }
    pt_buf_add_format(&report->out, "\n%12s  %10s  %10s  %s\n", "hits", "kept",
                      "per hit", "line");
    for (uint32_t i = 0; i < places; i++) {
        add_row(report, place[i], width, load(report, loaded, place[i]->file));
    }
    for (uint32_t i = 0; i < report->sum.files; i++) {
        pt_sourcetext_release(&loaded[i].source);
    }
    pt_rawmem_free(loaded);
}
