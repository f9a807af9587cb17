/* SPDX-License-Identifier: MIT */
/* framelist.c - numbers by file and line. */
#include "cli/report/figures/framelist.h"

#include "cli/report/text/room.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

int
pt_framelist_init(struct pt_framelist *list, const struct pt_stacks *stacks)
{
    *list = (struct pt_framelist){.stacks = stacks, .frames = 1};
    return pt_idmap_init(&list->map);
}

int
pt_framelist_number(struct pt_framelist *list,
                    const struct pt_stack_frame *frame, uint32_t *number)
{
    uint64_t hash = pt_hash_pair(frame->file, frame->line);
    struct pt_idmap_walk walk;
    void *array = list->frame;
    int code;

    for (*number = pt_idmap_first(&list->map, hash, &walk); *number != 0;
         *number = pt_idmap_next(&walk)) {
        if (list->frame[*number].file == frame->file &&
            list->frame[*number].line == frame->line) {
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
