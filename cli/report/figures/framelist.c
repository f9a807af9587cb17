/* SPDX-License-Identifier: MIT */
/* framelist.c - numbers by file and line, or native place. */
#include "cli/report/figures/framelist.h"

#include "cli/report/text/room.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

int
pt_framelist_init(struct pt_framelist *list,
                  const struct pt_fullstacks *stacks)
{
    *list = (struct pt_framelist){.stacks = stacks, .frames = 1};
    return pt_idmap_init(&list->map);
}

static const struct pt_nativecaller *
place_of(const struct pt_framelist *list, const struct pt_fullframe *frame)
{
    return &list->stacks->names.sites.caller[frame->caller];
}

static uint64_t
hash_of(const struct pt_framelist *list, const struct pt_fullframe *frame)
{
    const struct pt_nativecaller *place = place_of(list, frame);

    return frame->caller != 0
               ? pt_hash_pair(place->name, place->offset)
               : pt_hash_pair(frame->python.file, frame->python.line);
}

static int
is_same(const struct pt_framelist *list, const struct pt_fullframe *a,
        const struct pt_fullframe *b)
{
    const struct pt_nativecaller *one = place_of(list, a);
    const struct pt_nativecaller *other = place_of(list, b);

    if (a->caller == 0 || b->caller == 0) {
        return a->caller == b->caller && a->python.file == b->python.file &&
               a->python.line == b->python.line;
    }
    return one->name == other->name && one->offset == other->offset;
}

int
pt_framelist_number(struct pt_framelist *list,
                    const struct pt_fullframe *frame, uint32_t *number)
{
    uint64_t hash = hash_of(list, frame);
    struct pt_idmap_walk walk;
    void *array = list->frame;
    int code;

    for (*number = pt_idmap_first(&list->map, hash, &walk); *number != 0;
         *number = pt_idmap_next(&walk)) {
        if (is_same(list, &list->frame[*number], frame)) {
            return PT_OK;
        }
    }
    code = pt_room_reserve(&array, list->frames, &list->room,
                           sizeof(*list->frame));
    list->frame = array;
    if (code == PT_OK) {
        *number = list->frames++;
        list->frame[*number] = *frame;
        code = pt_idmap_insert(&list->map, hash, *number);
    }
    return code;
}

void
pt_framelist_release(struct pt_framelist *list)
{
    pt_idmap_release(&list->map);
    pt_rawmem_free(list->frame);
    *list = (struct pt_framelist){0};
}
