/* SPDX-License-Identifier: MIT */
/* joined.c - a table of hits and a figure, with snippets of the sources. */
#include "cli/report/print/joined.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report/text/size_text.h"
#include "cli/report/text/time_text.h"

#define SNIPPET_BYTES_MAX 60u
#define NAME_WIDTH_MAX 40

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
name_width(struct pt_report *report, const struct pt_place *place,
           uint32_t places)
{
    struct pt_buf name = PT_BUF_INIT;
    int width = 0;

    for (uint32_t i = 0; i < places; i++) {
        pt_buf_reset(&name);
        add_name(report, &place[i], &name);
        if (name.used <= NAME_WIDTH_MAX && (int)name.used > width) {
            width = (int)name.used;
        }
    }
    pt_buf_release(&name);
    return width;
}

/* "12.5 KiB" or "3.40 ms", right-aligned. */
static void
add_figure(struct pt_buf *out, enum pt_joined_figure figure, double value)
{
    pt_buf_add_format(out, "%10s  ",
                      figure == PT_JOINED_KEPT ? pt_size_text(value).text
                                               : pt_time_text(value).text);
}

static void
add_total(struct pt_buf *out, enum pt_joined_figure figure,
          const struct pt_place *place)
{
    if (figure == PT_JOINED_KEPT) {
        pt_buf_add_format(out, "%10s  ",
                          pt_amount_column(&place->memory.live).text);
    }
    else {
        add_figure(out, figure, (double)place->time_ns);
    }
}

static void
add_row(struct pt_report *report, enum pt_joined_figure figure,
        const struct pt_place *place, int width, struct pt_snippets *snippets)
{
    struct pt_buf name = PT_BUF_INIT;
    struct pt_buf snippet = PT_BUF_INIT;
    double value = (double)(figure == PT_JOINED_KEPT ? place->memory.live.bytes
                                                     : place->time_ns);

    add_name(report, place, &name);
    pt_snippets_add(snippets, place->file, place->line, SNIPPET_BYTES_MAX,
                    report->escape, &snippet);
    pt_buf_add_format(&report->out, "%12s  ",
                      place->is_executable ? pt_count_text(place->hits).text
                                           : "");
    add_total(&report->out, figure, place);
    if (place->hits != 0) {
        add_figure(&report->out, figure, value / (double)place->hits);
    }
    else {
        pt_buf_add_format(&report->out, "%10s  ", "");
    }
    pt_buf_add_format(&report->out, "%-*s%s%s\n",
                      snippet.used != 0 ? width : 0, pt_buf_text(&name),
                      snippet.used != 0 ? "  " : "", pt_buf_text(&snippet));
    pt_buf_release(&snippet);
    pt_buf_release(&name);
}

void
pt_joined_add(struct pt_report *report, enum pt_joined_figure figure,
              const struct pt_place *place, uint32_t places,
              struct pt_snippets *snippets)
{
    int width = name_width(report, place, places);

    pt_buf_add_format(&report->out, "\n%12s  %10s  %10s  %s\n", "hits",
                      figure == PT_JOINED_KEPT ? "kept" : "time", "per hit",
                      "line");
    for (uint32_t i = 0; i < places; i++) {
        add_row(report, figure, &place[i], width, snippets);
    }
}
