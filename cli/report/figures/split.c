/* SPDX-License-Identifier: MIT */
/* split.c - see split.h. */
#include "cli/report/figures/split.h"

#include "core/base/rawmem.h"

/* Both have a number for each source of the process. */
static int
map_files(struct pt_split *split, uint32_t number)
{
    const struct pt_share *to = &split->sum->share[number];
    const struct pt_aggregate *part = &split->part[number];
    uint32_t *map = pt_rawmem_array(split->sum->files, sizeof(*map));

    split->file_of[number] = map;
    if (map == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0;
         part->shares != 0 && i < to->sources && i < part->share[0].sources;
         i++) {
        map[to->file_of[i]] = part->share[0].file_of[i];
    }
    // What has no file is file 0 in both.
    map[0] = 0;
    return PT_OK;
}

int
pt_split_init(struct pt_split *split, const struct pt_aggregate *sum,
              const struct pt_reader *reader)
{
    int code = PT_OK;

    *split = (struct pt_split){
        .sum = sum,
        .part = pt_rawmem_array((size_t)sum->shares + 1, sizeof(*sum)),
        .file_of =
            pt_rawmem_array((size_t)sum->shares + 1, sizeof(uint32_t *)),
    };
    if (split->part == NULL || split->file_of == NULL) {
        code = PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < sum->shares && code == PT_OK; i++) {
        code = pt_aggregate_init_process(&split->part[i], reader,
                                         sum->share[i].record->number);
        if (code == PT_OK) {
            split->parts++;
            code = map_files(split, i);
        }
    }
    if (code != PT_OK) {
        pt_split_release(split);
    }
    return code;
}

const struct pt_place *
pt_split_find(const struct pt_split *split, uint32_t part,
              const struct pt_place *place)
{
    static const struct pt_place nothing;
    uint32_t file = split->file_of[part][place->file];

    if (file == 0 && place->file != 0) {
        return &nothing;
    }
    return pt_aggregate_find(&split->part[part], file, place->line);
}

void
pt_split_release(struct pt_split *split)
{
    for (uint32_t i = 0; i < split->parts; i++) {
        pt_aggregate_release(&split->part[i]);
        pt_rawmem_free(split->file_of[i]);
    }
    pt_rawmem_free(split->part);
    pt_rawmem_free(split->file_of);
    *split = (struct pt_split){0};
}
