/* SPDX-License-Identifier: MIT */
/* countsums.c - from fields of text to an aggregate. */
#include "cli/report/figures/countsums.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/figures/places.h"

struct scan {
    const char *at;
    const char *end;
};

/* The next field; NULL when there is no whole one. */
static const char *
next_field(struct scan *scan)
{
    const char *field = scan->at;
    const char *zero = memchr(field, '\0', (size_t)(scan->end - scan->at));

    if (zero == NULL) {
        return NULL;
    }
    scan->at = zero + 1;
    return field;
}

static int
next_number(struct scan *scan, uint64_t *number)
{
    const char *field = next_field(scan);
    char *rest;

    if (field == NULL || field[0] < '0' || field[0] > '9') {
        return PT_ERR_FORMAT;
    }
    errno = 0;
    *number = strtoull(field, &rest, 10);
    return errno == 0 && *rest == '\0' ? PT_OK : PT_ERR_FORMAT;
}

static int
take_line(struct scan *scan, struct pt_places *places, uint32_t file)
{
    uint64_t line, hits;

    if (next_number(scan, &line) != PT_OK || line > UINT32_MAX ||
        next_number(scan, &hits) != PT_OK) {
        return PT_ERR_FORMAT;
    }
    return pt_places_add_hits(places, file, (uint32_t)line, hits);
}

static int
take_files(struct scan *scan, struct pt_places *places)
{
    int code = PT_OK;

    while (scan->at != scan->end && code == PT_OK) {
        const char *name = next_field(scan);
        uint64_t lines;
        uint32_t file;

        if (name == NULL || next_number(scan, &lines) != PT_OK) {
            return PT_ERR_FORMAT;
        }
        code = pt_places_file(places, name, strlen(name), &file);
        for (uint64_t i = 0; i < lines && code == PT_OK; i++) {
            code = take_line(scan, places, file);
        }
    }
    return code;
}

int
pt_countsums_init(struct pt_countsums *sums, const struct pt_buf *text)
{
    struct scan scan = {pt_buf_text(text), pt_buf_text(text) + text->used};
    struct pt_places places;
    uint64_t version;
    int code;

    *sums = (struct pt_countsums){0};
    sums->search_path = next_field(&scan);
    if (sums->search_path == NULL || next_number(&scan, &version) != PT_OK) {
        return PT_ERR_FORMAT;
    }
    sums->search_path_bytes = strlen(sums->search_path);
    sums->python_version = (uint32_t)version;
    code = pt_places_init(&places, &sums->sum);
    if (code == PT_OK) {
        code = take_files(&scan, &places);
        pt_places_sort(&sums->sum);
        pt_places_release(&places);
    }
    if (code != PT_OK) {
        pt_countsums_release(sums);
    }
    return code;
}

void
pt_countsums_release(struct pt_countsums *sums)
{
    pt_aggregate_release(&sums->sum);
    *sums = (struct pt_countsums){0};
}
