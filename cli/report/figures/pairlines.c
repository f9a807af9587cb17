/* SPDX-License-Identifier: MIT */
/* pairlines.c - from pairs by their nodes to places. */
#include "cli/report/figures/pairlines.h"

#include <string.h>

#include "cli/report/figures/eventplace.h"
#include "cli/report/figures/nativesites.h"
#include "core/base/rawmem.h"

uint32_t
pt_pairlines_count(const struct pt_dossier *dossier)
{
    return 2 * dossier->sum.places;
}

/* The place whose line the node stands at. */
static uint32_t
place_of_node(const struct pt_dossier *dossier, const struct pt_share *share,
              uint32_t node)
{
    const struct pt_aggregate *sum = &dossier->sum;
    struct pt_eventplace at = pt_eventplace_of_node(dossier, share, node);
    const struct pt_place *place = pt_aggregate_find(sum, at.file, at.line);

    return at.file != 0 && place->line == at.line
               ? (uint32_t)(place - sum->place)
               : 0;
}

static int
init(struct pt_pairlines *lines, const struct pt_dossier *dossier,
     const struct pt_share *share, enum pt_segment segment, uint32_t first)
{
    uint32_t process = share->record->number;
    uint32_t pairs = pt_reader_items(dossier->reader, process, segment);

    lines->pairs = pairs;
    lines->line_of = pt_rawmem_array((size_t)pairs + 1, sizeof(uint32_t));
    lines->size_of = pt_rawmem_array((size_t)pairs + 1, sizeof(uint64_t));
    if (lines->line_of == NULL || lines->size_of == NULL) {
        pt_pairlines_release(lines);
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < pairs; i++) {
        struct pt_pair pair;

        lines->line_of[i] = PT_PAIRLINES_NONE;
        if (i != 0 &&
            pt_nativesites_read(dossier->reader, process, segment, i, &pair)) {
            lines->line_of[i] =
                first + place_of_node(dossier, share, pair.node);
            lines->size_of[i] = pair.size_bytes;
        }
    }
    return PT_OK;
}

int
pt_pairlines_init(struct pt_pairlines *lines, const struct pt_dossier *dossier,
                  const struct pt_share *share)
{
    return init(lines, dossier, share, PT_SEGMENT_PAIR, 0);
}

int
pt_pairlines_init_native(struct pt_pairlines *lines,
                         const struct pt_dossier *dossier,
                         const struct pt_share *share)
{
    return init(lines, dossier, share, PT_SEGMENT_NATIVE, dossier->sum.places);
}

void
pt_pairlines_release(struct pt_pairlines *lines)
{
    pt_rawmem_free(lines->line_of);
    pt_rawmem_free(lines->size_of);
    *lines = (struct pt_pairlines){0};
}
