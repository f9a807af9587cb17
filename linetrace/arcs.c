/* SPDX-License-Identifier: MIT */
/* arcs.c - filing arcs. */
#include "linetrace/arcs.h"

#include "core/base/rawmem.h"
#include "linetrace/branches.h"
#include "linetrace/hits.h"

static struct pt_timeline *timeline;
static struct pt_arcs **known;  // of each id in the catalog
static uint32_t room;

/* A new arc, in front of the others to its line; NULL: it was dropped. */
static struct pt_arc_seen *
add(struct pt_arcs *arcs, uint32_t from, uint32_t to, uint32_t flags)
{
    uint32_t at = to == PT_ARC_OUTSIDE ? 0 : to - arcs->first_line + 1;
    struct pt_arc_seen *seen = NULL;
    uint32_t id = 0, counter = 0;

    if (at <= arcs->lines) {
        seen = pt_rawmem_array(1, sizeof(*seen));
    }
    if (seen != NULL) {
        counter = pt_timeline_append(timeline, PT_SEGMENT_COUNTER, 1);
    }
    if (counter != 0) {
        id = pt_timeline_append(timeline, PT_SEGMENT_ARC, 1);
    }
    if (id == 0) {
        pt_rawmem_free(seen);
        pt_hits_drop_slow();
        return NULL;
    }
    *(struct pt_arc *)pt_array_at(&timeline->array[PT_SEGMENT_ARC], id) =
        (struct pt_arc){arcs->code, from, to, counter, 1, flags};
    *seen = (struct pt_arc_seen){
        from, pt_array_at(&timeline->array[PT_SEGMENT_COUNTER], counter),
        arcs->to[at]};
    arcs->to[at] = seen;
    return seen;
}

static void
add_branch(void *context, uint32_t from, uint32_t to)
{
    add(context, from, to, PT_ARC_BRANCH);
}

static struct pt_arcs *
make_arcs(struct pt_catalog *catalog, PyCodeObject *object, uint32_t id)
{
    const struct pt_code *code = pt_catalog_code_at(catalog, id);
    struct pt_arcs *arcs;

    if (id >= room) {
        uint32_t wanted = 2 * id + PT_SIZE(64u, 1u);
        struct pt_arcs **grown =
            pt_rawmem_resize(known, wanted, sizeof(*known));

        if (grown == NULL) {
            return NULL;
        }
        while (room < wanted) {
            grown[room++] = NULL;
        }
        known = grown;
    }
    arcs = pt_rawmem_array(1, sizeof(*arcs) +
                                  (code->lines + 1) * sizeof(arcs->to[0]));
    if (arcs != NULL) {
        arcs->code = id;
        arcs->first_line = code->first_line;
        arcs->lines = code->lines;
        known[id] = arcs;
        pt_branches_find(object, add_branch, arcs);
    }
    return arcs;
}

struct pt_arcs *
pt_arcs_of(struct pt_catalog *catalog, PyCodeObject *object, uint32_t id)
{
    timeline = catalog->timeline;
    if (id < room && known[id] != NULL) {
        return known[id];
    }
    return make_arcs(catalog, object, id);
}

PT_COLD void
pt_arcs_count_slow(struct pt_arcs *arcs, uint32_t from, uint32_t to)
{
    uint32_t at = to == PT_ARC_OUTSIDE ? 0 : to - arcs->first_line + 1;
    struct pt_arc_seen **link = &arcs->to[at], *seen;

    if (at > arcs->lines) {
        pt_hits_drop_slow();
        return;
    }
    while (*link != NULL && (*link)->from != from) {
        link = &(*link)->next;
    }
    seen = *link;
    if (seen != NULL) {
        *link = seen->next;
        seen->next = arcs->to[at];
        arcs->to[at] = seen;
    }
    else {
        seen = add(arcs, from, to, 0);
    }
    if (seen != NULL) {
        (*seen->counter)++;
    }
}
