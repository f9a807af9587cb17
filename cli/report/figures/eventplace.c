/* SPDX-License-Identifier: MIT */
/* eventplace.c - from ids to names, believing none of them. */
#include "cli/report/figures/eventplace.h"

#include <string.h>

#include "core/base/hash.h"

/* Copy an item out, as in a damaged recording it may lie anyhow. */
static int
fetch(const struct pt_dossier *dossier, const struct pt_share *share,
      enum pt_segment segment, uint32_t index, void *item, size_t bytes)
{
    const void *found =
        pt_reader_item(dossier->reader, share->record->number, segment, index);

    if (found == NULL) {
        return 0;
    }
    memcpy(item, found, bytes);
    return 1;
}

static struct pt_eventplace
place_of_code(const struct pt_dossier *dossier, const struct pt_share *share,
              uint32_t id)
{
    struct pt_eventplace place = {.function = ""};
    struct pt_code code;

    if (fetch(dossier, share, PT_SEGMENT_CODE, id, &code, sizeof(code)) &&
        code.source < share->sources) {
        place.file = share->file_of[code.source];
        place.line = code.defined_line;
        place.function = pt_reader_text(dossier->reader, share->record->number,
                                        code.name, &place.function_bytes);
    }
    return place;
}

struct pt_eventplace
pt_eventplace_of_node(const struct pt_dossier *dossier,
                      const struct pt_share *share, uint32_t node)
{
    struct pt_eventplace place = {.function = ""};
    struct pt_node context;

    if (fetch(dossier, share, PT_SEGMENT_NODE, node, &context,
              sizeof(context))) {
        place = place_of_code(dossier, share, context.code);
        place.line = context.line;
    }
    return place;
}

struct pt_eventplace
pt_eventplace_of(const struct pt_dossier *dossier,
                 const struct pt_share *share, const struct pt_event *event)
{
    struct pt_eventplace place = {.function = ""};
    struct pt_native_pair native;
    struct pt_pair pair;

    switch (event->kind) {
    case PT_KIND_ALLOC:
    case PT_KIND_FREE:
        if (fetch(dossier, share, PT_SEGMENT_PAIR, event->pair, &pair,
                  sizeof(pair))) {
            place = pt_eventplace_of_node(dossier, share, pair.node);
            place.size_bytes = pair.size_bytes;
        }
        place.blocks = 1;
        break;
    case PT_KIND_NATIVE_ALLOC:
    case PT_KIND_NATIVE_FREE:
        if (fetch(dossier, share, PT_SEGMENT_NATIVE, event->pair, &native,
                  sizeof(native))) {
            place = pt_eventplace_of_node(dossier, share, native.node);
            place.size_bytes = native.size_bytes;
        }
        place.blocks = 1;
        break;
    case PT_KIND_CALL:
    case PT_KIND_RESUME:
    case PT_KIND_THROW:
        place = place_of_code(dossier, share, event->code);
        break;
    case PT_KIND_LINE:
        place = place_of_code(dossier, share, event->code);
        place.line = event->line;
        break;
    default:
        break;
    }
    return place;
}

uint64_t
pt_eventplace_key(const struct pt_event *event)
{
    enum { CODE = 1, PAIR, NATIVE };

    switch (event->kind) {
    case PT_KIND_CALL:
    case PT_KIND_RESUME:
    case PT_KIND_THROW:
    case PT_KIND_LINE:
        return (uint64_t)CODE << 32 | event->code;
    case PT_KIND_ALLOC:
    case PT_KIND_FREE:
        return (uint64_t)PAIR << 32 | event->pair;
    case PT_KIND_NATIVE_ALLOC:
    case PT_KIND_NATIVE_FREE:
        return (uint64_t)NATIVE << 32 | event->pair;
    default:
        return 0;
    }
}

struct pt_eventplace
pt_eventplaces_seek(struct pt_eventplaces *places,
                    const struct pt_event *event)
{
    uint64_t key = pt_eventplace_key(event);
    size_t slots = sizeof(places->known) / sizeof(places->known[0]);
    size_t slot = pt_hash_slot(key, slots);
    struct pt_eventplace place;

    if (key == 0 || places->known[slot].key != key) {
        places->known[slot].key = key;
        places->known[slot].place =
            pt_eventplace_of(places->dossier, places->share, event);
    }
    place = places->known[slot].place;
    if (event->kind == PT_KIND_LINE) {
        place.line = event->line;
    }
    return place;
}
