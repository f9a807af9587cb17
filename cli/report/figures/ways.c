/* SPDX-License-Identifier: MIT */
/* ways.c - see ways.h. */
#include "cli/report/figures/ways.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CUT " ..."

void
pt_ways_collect(struct pt_ways *ways, const struct pt_arc_sum *arc,
                uint32_t arcs, uint32_t *at, uint32_t line)
{
    while (*at < arcs && arc[*at].from < line) {
        (*at)++;
    }
    *ways = (struct pt_ways){.arc = arc + *at};
    for (; *at < arcs && arc[*at].from == line; (*at)++) {
        ways->arcs++;
        ways->ways += arc[*at].is_branch != 0;
        ways->taken += arc[*at].is_branch && arc[*at].count != 0;
    }
}

const struct pt_arc_sum *
pt_ways_next(const struct pt_ways *ways, const struct pt_arc_sum *after)
{
    uint32_t i = after != NULL ? (uint32_t)(after - ways->arc) + 1 : 0;

    while (i < ways->arcs && !ways->arc[i].is_branch) {
        i++;
    }
    return i < ways->arcs ? &ways->arc[i] : NULL;
}

static size_t
way_text(const struct pt_arc_sum *arc, char *text, size_t room)
{
    return (size_t)(arc->to != PT_ARC_OUTSIDE
                        ? snprintf(text, room, " %" PRIu32 ":%" PRIu64,
                                   arc->to, arc->count)
                        : snprintf(text, room, " exit:%" PRIu64, arc->count));
}

void
pt_ways_add_column(struct pt_buf *out, const struct pt_ways *ways, int has_run)
{
    char text[PT_WAYS_COLUMN_BYTES + 1] = "";
    size_t used = 0;
    const struct pt_arc_sum *at = NULL;
    uint32_t left = ways->ways;

    if (has_run && left != 0) {
        text[used++] = ways->taken < ways->ways ? '!' : ' ';
    }
    while (has_run && (at = pt_ways_next(ways, at)) != NULL) {
        char way[64];
        size_t bytes = way_text(at, way, sizeof(way));
        size_t reserve = left > 1 ? strlen(CUT " ") : 1;

        if (used + bytes + reserve > PT_WAYS_COLUMN_BYTES) {
            memcpy(text + used, CUT, sizeof(CUT));
            break;
        }
        memcpy(text + used, way, bytes + 1);
        used += bytes;
        left--;
    }
    pt_buf_add_format(out, "%-*s", (int)PT_WAYS_COLUMN_BYTES, text);
}
