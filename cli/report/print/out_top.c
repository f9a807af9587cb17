/* SPDX-License-Identifier: MIT */
/* out_top.c - totals, then two tables. */
#include "cli/report/print/out_top.h"

#include <stdlib.h>
#include <string.h>

#include "cli/report/figures/places.h"
#include "cli/report/print/outcome.h"
#include "cli/report/text/size_text.h"
#include "core/base/rawmem.h"

#define SOURCE_BYTES 40u

struct screen {
    struct pt_dossier *dossier;
    const struct pt_place **place;  // room for all
    uint32_t top;
    enum pt_escape escape;
    struct pt_buf *out;
};

static void
add_totals(const struct screen *screen, uint64_t now_ns)
{
    const struct pt_header *header = screen->dossier->header;
    const struct pt_aggregate *sum = &screen->dossier->sum;
    const struct pt_share *highest = pt_aggregate_highest(sum);
    uint64_t end_ns = header->ended ? header->end_ns : now_ns;
    struct pt_buf *out = screen->out;

    pt_escape_add(out, header->command, strlen(header->command),
                  screen->escape);
    pt_buf_add_format(out, "  %.1f s, %u process%s",
                      end_ns > header->start_ns
                          ? (double)(end_ns - header->start_ns) / 1e9
                          : 0.0,
                      sum->shares, sum->shares == 1 ? "" : "es");
    if ((header->wanted & PT_WANT_MEM) != 0 && highest != NULL) {
        pt_buf_add_format(out, ", %s in %s blocks",
                          pt_size_text((double)sum->memory.live.bytes).text,
                          pt_count_text(sum->memory.live.blocks).text);
        pt_buf_add_format(
            out, ", peak %s",
            pt_size_text((double)pt_aggregate_peak_bytes(highest)).text);
    }
    pt_buf_add_text(out, "; ");
    pt_outcome_add_end(out, header);
    pt_buf_add_char(out, '\n');
}

static void
add_row(const struct screen *screen, const struct pt_place *place)
{
    struct pt_dossier *dossier = screen->dossier;
    const char *path = pt_dossier_path(dossier, place->file);
    struct pt_buf snippet = PT_BUF_INIT, *out = screen->out;

    if (place->is_executable) {
        pt_buf_add_format(out, "%12s", pt_count_text(place->hits).text);
    }
    else {
        pt_buf_add_format(out, "%12s", "");
    }
    pt_buf_add_format(out, "  %10s  ",
                      place->memory.live.blocks != 0
                          ? pt_size_text((double)place->memory.live.bytes).text
                          : "");
    pt_escape_add(out, path, strlen(path), screen->escape);
    pt_snippets_add(&dossier->snippets, place->file, place->line, SOURCE_BYTES,
                    screen->escape, &snippet);
    pt_buf_add_format(out, ":%u%s%s\n", place->line,
                      snippet.used != 0 ? "  " : "", pt_buf_text(&snippet));
    pt_buf_release(&snippet);
}

static void
add_table(const struct screen *screen, const char *title,
          int (*compare)(const void *left, const void *right))
{
    const struct pt_aggregate *sum = &screen->dossier->sum;

    for (uint32_t i = 0; i < sum->places; i++) {
        screen->place[i] = &sum->place[i];
    }
    qsort(screen->place, sum->places, sizeof(*screen->place), compare);
    pt_buf_add_format(screen->out, "\n%12s  %10s  %s\n", "hits", "kept",
                      title);
    for (uint32_t i = 0; i < sum->places && i < screen->top; i++) {
        const struct pt_place *place = screen->place[i];
        uint64_t worth = compare == pt_places_by_hits
                             ? place->hits
                             : place->memory.live.bytes;

        if (worth != 0) {
            add_row(screen, place);
        }
    }
}

int
pt_out_top(struct pt_dossier *dossier, uint32_t top, uint64_t now_ns,
           enum pt_escape escape, struct pt_buf *out)
{
    struct screen screen = {
        .dossier = dossier, .top = top, .escape = escape, .out = out};

    screen.place = pt_rawmem_array(dossier->sum.places, sizeof(*screen.place));
    if (screen.place == NULL) {
        return PT_ERR_NOMEM;
    }
    add_totals(&screen, now_ns);
    if (dossier->header->wanted & PT_WANT_COUNT) {
        add_table(&screen, "lines by hits", pt_places_by_hits);
    }
    if (dossier->header->wanted & PT_WANT_MEM) {
        add_table(&screen, "lines by memory kept", pt_places_by_memory);
    }
    pt_rawmem_free(screen.place);
    return pt_buf_check(out);
}
