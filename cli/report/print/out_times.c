/* SPDX-License-Identifier: MIT */
/* out_times.c - what --line-times prints after the program's own. */
#include "cli/report/print/out_times.h"

#include <stdlib.h>

#include "cli/report/print/joined.h"
#include "cli/report/text/size_text.h"
#include "cli/report/text/time_text.h"
#include "core/base/rawmem.h"

static int
compare_times(const void *left, const void *right)
{
    const struct pt_place *a = left, *b = right;

    if (a->time_ns != b->time_ns) {
        return a->time_ns > b->time_ns ? -1 : 1;
    }
    if (a->file != b->file) {
        return a->file < b->file ? -1 : 1;
    }
    return a->line < b->line ? -1 : a->line > b->line;
}

/* A copy of the places that took time, the longest first; NULL when there is
 * no memory. */
static struct pt_place *
rank(const struct pt_aggregate *sum, uint32_t *places, uint64_t *total_ns)
{
    struct pt_place *place = pt_rawmem_array(sum->places, sizeof(*place));

    *places = 0;
    *total_ns = 0;
    if (place == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < sum->places; i++) {
        if (sum->place[i].time_ns != 0) {
            place[(*places)++] = sum->place[i];
            *total_ns += sum->place[i].time_ns;
        }
    }
    if (*places != 0) {
        qsort(place, *places, sizeof(*place), compare_times);
    }
    return place;
}

static void
add_rest(struct pt_buf *out, const struct pt_place *place, uint32_t rest)
{
    uint64_t time_ns = 0;

    for (uint32_t i = 0; i < rest; i++) {
        time_ns += place[i].time_ns;
    }
    if (rest != 0) {
        pt_buf_add_format(out, "%s more %s: %s\n", pt_count_text(rest).text,
                          rest == 1 ? "line" : "lines",
                          pt_time_text((double)time_ns).text);
    }
}

void
pt_out_times(struct pt_report *report)
{
    uint32_t top = report->options->times_top, places;
    struct pt_snippets snippets;
    uint64_t total_ns;
    struct pt_place *place = rank(&report->sum, &places, &total_ns);

    if (place == NULL ||
        pt_snippets_init(&snippets, &report->sum, &report->naming) != PT_OK) {
        pt_rawmem_free(place);
        report->out.failed = 1;
        return;
    }
    top = top < places ? top : places;
    pt_buf_add_format(&report->out, "\n%-20s%s in %s %s\n", "time of lines",
                      pt_time_text((double)total_ns).text,
                      pt_count_text(places).text,
                      places == 1 ? "line" : "lines");
    if (top != 0) {
        pt_joined_add(report, PT_JOINED_TIME, place, top, &snippets);
        add_rest(&report->out, place + top, places - top);
    }
    pt_snippets_release(&snippets);
    pt_rawmem_free(place);
}
