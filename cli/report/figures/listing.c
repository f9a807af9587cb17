/* SPDX-License-Identifier: MIT */
/* listing.c - trace's write_results_file, with a column for memory. */
#include "cli/report/figures/listing.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report/figures/ways.h"
#include "cli/report/source/docstring.h"
#include "cli/report/source/pragma.h"
#include "cli/report/text/time_text.h"
#include "core/base/rawmem.h"

#define TAB_COLUMNS 8u

// Python's that changed what a listing shows.
#define PYTHON_3_12 0x030c0000u  // an f-string is no string token any more
#define PYTHON_3_13 0x030d0000u  // linecache: an empty file has one line

static uint32_t
count_lines(const struct pt_buf *text)
{
    uint32_t lines = 0;

    for (size_t i = 0; i < text->used; i++) {
        lines += text->data[i] == '\n';
    }
    return lines;
}

/* str.expandtabs(8) of one line in UTF-8. */
static void
add_expanded(struct pt_buf *out, const char *line, size_t bytes)
{
    size_t column = 0, start = 0;

    for (size_t i = 0; i < bytes; i++) {
        if (line[i] != '\t') {
            // The further bytes of a character take no column.
            column += ((unsigned char)line[i] & 0xc0) != 0x80;
            continue;
        }
        pt_buf_add(out, line + start, i - start);
        start = i + 1;
        do {
            pt_buf_add_char(out, ' ');
        } while (++column % TAB_COLUMNS != 0);
    }
    pt_buf_add(out, line + start, bytes - start);
}

static void
add_time_column(struct pt_buf *out, const struct pt_place *place)
{
    double ns = (double)place->time_ns;

    if (place->hits == 0) {
        pt_buf_add_format(out, "%*s", (int)PT_LISTING_TIME_BYTES, "");
        return;
    }
    pt_buf_add_format(out, "%9s %9s  ", pt_time_text(ns).text,
                      pt_time_text(ns / (double)place->hits).text);
}

static void
add_memory_column(struct pt_buf *out, const struct pt_memory *memory)
{
    if (memory->allocated.blocks == 0) {
        pt_buf_add_format(out, "%*s", (int)PT_LISTING_MEMORY_BYTES, "");
        return;
    }
    pt_buf_add_format(out, "%10s %10s  ",
                      pt_amount_column(&memory->allocated).text,
                      pt_amount_column(&memory->live).text);
}

/* Count the ways out of a line. */
static void
sum_ways(const struct pt_ways *ways, const struct pt_place *place,
         struct pt_listing_lines *lines)
{
    lines->ways += ways->ways;
    lines->taken += ways->taken;
    lines->partial += place->hits != 0 && ways->taken < ways->ways;
}

static void
add_line(struct pt_buf *out, const char *line, size_t bytes,
         const struct pt_place *place, const struct pt_ways *ways,
         int is_missing, const struct pt_listing_style *style)
{
    if (place->hits != 0) {
        pt_buf_add_format(out, "%5" PRIu64 ": ", place->hits);
    }
    else {
        pt_buf_add_text(out, is_missing ? ">>>>>> " : "       ");
    }
    if (style->with_times) {
        add_time_column(out, place);
    }
    if (style->with_branches) {
        pt_ways_add_column(out, ways, place->hits != 0);
    }
    if (style->with_memory) {
        add_memory_column(out, &place->memory);
    }
    add_expanded(out, line, bytes);
}

static void
add_lines(struct pt_buf *out, const struct pt_buf *text,
          const struct pt_place *place, uint32_t places,
          const unsigned char *is_excused,
          const struct pt_listing_style *style, struct pt_listing_lines *lines)
{
    static const struct pt_place nothing;
    const char *at = text->data;
    const char *end = text->data + text->used;
    uint32_t i = 0, arc = 0;

    for (uint32_t number = 1; at < end; number++) {
        size_t bytes =
            (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at) +
            1;
        const struct pt_place *here = &nothing;
        struct pt_ways ways;
        int is_missing;

        while (i < places && place[i].line < number) {
            i++;
        }
        if (i < places && place[i].line == number) {
            here = &place[i];
        }
        is_missing =
            here->hits == 0 && here->is_executable && !is_excused[number];
        lines->missing += (uint64_t)is_missing;
        is_missing = is_missing && style->with_missing;
        pt_ways_collect(&ways, style->arc, style->arcs, &arc, number);
        if (is_excused[number]) {
            ways.taken = ways.ways;
        }
        else {
            sum_ways(&ways, here, lines);
        }
        add_line(out, at, bytes, here, &ways, is_missing, style);
        lines->hit += here->hits != 0;
        lines->shown += here->hits != 0 || is_missing;
        at += bytes;
    }
}

unsigned char *
pt_listing_excuse(const struct pt_buf *text, uint32_t python_version,
                  uint32_t *lines)
{
    unsigned char *is_excused;

    *lines = count_lines(text);
    is_excused = pt_rawmem_array((size_t)*lines + 1, 1);
    if (is_excused != NULL && *lines != 0) {
        pt_docstring_mark(text->data, text->used,
                          python_version < PYTHON_3_12 ? PT_FSTRING_IS_STRING
                                                       : PT_FSTRING_IS_OWN,
                          is_excused, *lines);
        pt_pragma_mark(text->data, text->used, is_excused, *lines);
    }
    return is_excused;
}

int
pt_listing_compose(struct pt_buf *out, const struct pt_buf *text,
                   const struct pt_place *place, uint32_t places,
                   const struct pt_listing_style *style,
                   struct pt_listing_lines *lines)
{
    static char newline[] = "\n";
    struct pt_buf empty = {newline, 1, 0, 0};
    unsigned char *is_excused;
    uint32_t count;

    *lines = (struct pt_listing_lines){0};
    if (text->used == 0) {
        if (style->python_version < PYTHON_3_13) {
            return PT_OK;
        }
        text = &empty;
    }
    is_excused = pt_listing_excuse(text, style->python_version, &count);
    if (is_excused == NULL) {
        return PT_ERR_NOMEM;
    }
    add_lines(out, text, place, places, is_excused, style, lines);
    pt_rawmem_free(is_excused);
    return pt_buf_check(out);
}
