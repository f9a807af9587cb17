/* SPDX-License-Identifier: MIT */
/* top.c - Snapshot.statistics('lineno') over an aggregate. */
#include "cli/report/top.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/rawmem.h"

struct item {
    const struct pt_place *place;
    const char *path;
};

/* Descending by (size, count, (file name, line)). */
static int
compare_items(const void *left, const void *right)
{
    const struct item *a = left, *b = right;
    const struct pt_memory *x = &a->place->memory, *y = &b->place->memory;
    int order;

    if (x->live_bytes != y->live_bytes) {
        return x->live_bytes > y->live_bytes ? -1 : 1;
    }
    if (x->live_blocks != y->live_blocks) {
        return x->live_blocks > y->live_blocks ? -1 : 1;
    }
    // UTF-8 sorts by bytes as Python sorts by characters.
    order = strcmp(b->path, a->path);
    if (order != 0) {
        return order;
    }
    return a->place->line > b->place->line ? -1
                                           : a->place->line < b->place->line;
}

int
pt_top_init(struct pt_top *top, const struct pt_aggregate *sum)
{
    struct item *item = pt_rawmem_array(sum->places, sizeof(*item));

    *top = (struct pt_top){0};
    top->place = pt_rawmem_array(sum->places, sizeof(*top->place));
    if (item == NULL || top->place == NULL) {
        pt_rawmem_free(item);
        pt_top_release(top);
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < sum->places; i++) {
        if (sum->place[i].memory.live_blocks != 0) {
            item[top->places++] = (struct item){
                &sum->place[i], sum->file[sum->place[i].file].path};
        }
    }
    qsort(item, top->places, sizeof(*item), compare_items);
    for (uint32_t i = 0; i < top->places; i++) {
        top->place[i] = item[i].place;
    }
    pt_rawmem_free(item);
    return PT_OK;
}

void
pt_top_release(struct pt_top *top)
{
    pt_rawmem_free(top->place);
    *top = (struct pt_top){0};
}
