/* SPDX-License-Identifier: MIT */
/* ranking.c - the order of Snapshot.statistics(). */
#include "cli/report/figures/ranking.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/rawmem.h"

struct item {
    const struct pt_ledger *ledger;
    const struct pt_entry *entry;
    struct pt_amount amount;
};

static int
compare_names(const struct pt_name *a, const struct pt_name *b)
{
    size_t least = a->bytes < b->bytes ? a->bytes : b->bytes;
    int order = memcmp(a->text, b->text, least);

    if (order != 0) {
        return order;
    }
    return a->bytes < b->bytes ? -1 : a->bytes > b->bytes;
}

static int
compare_frames(const struct pt_ledger *ledger, const struct pt_entry *a,
               const struct pt_entry *b)
{
    // UTF-8 sorts by bytes as Python sorts by characters.
    int order = a->file != b->file
                    ? strcmp(ledger->aggregate->file[a->file].path,
                             ledger->aggregate->file[b->file].path)
                    : 0;

    if (order != 0) {
        return order;
    }
    if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    return compare_names(&ledger->name[a->name], &ledger->name[b->name]);
}

/* As tuples of frames, the outermost first. */
static int
compare_tracebacks(const struct pt_ledger *ledger, const struct pt_entry *a,
                   const struct pt_entry *b)
{
    for (;;) {
        int order = compare_frames(ledger, a, b);

        if (order != 0 || (a->next == 0 && b->next == 0)) {
            return order;
        }
        if (a->next == 0 || b->next == 0) {
            return a->next == 0 ? -1 : 1;
        }
        a = &ledger->entry[a->next];
        b = &ledger->entry[b->next];
    }
}

/* Descending by (size, count, traceback). */
static int
compare_items(const void *left, const void *right)
{
    const struct item *a = left, *b = right;

    if (a->amount.bytes != b->amount.bytes) {
        return a->amount.bytes > b->amount.bytes ? -1 : 1;
    }
    if (a->amount.blocks != b->amount.blocks) {
        return a->amount.blocks > b->amount.blocks ? -1 : 1;
    }
    return compare_tracebacks(a->ledger, b->entry, a->entry);
}

int
pt_ranking_init(struct pt_ranking *ranking, const struct pt_ledger *ledger,
                enum pt_ledger_sum sum)
{
    struct item *item = pt_rawmem_array(ledger->entries, sizeof(*item));

    *ranking = (struct pt_ranking){0};
    ranking->entry = pt_rawmem_array(ledger->entries, sizeof(*ranking->entry));
    if (item == NULL || ranking->entry == NULL) {
        pt_rawmem_free(item);
        pt_ranking_release(ranking);
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 1; i < ledger->entries; i++) {
        const struct pt_entry *entry = &ledger->entry[i];

        if (entry->sum[sum].blocks != 0) {
            item[ranking->entries++] =
                (struct item){ledger, entry, entry->sum[sum]};
        }
    }
    qsort(item, ranking->entries, sizeof(*item), compare_items);
    for (uint32_t i = 0; i < ranking->entries; i++) {
        ranking->entry[i] = item[i].entry;
    }
    pt_rawmem_free(item);
    return PT_OK;
}

void
pt_ranking_release(struct pt_ranking *ranking)
{
    pt_rawmem_free(ranking->entry);
    *ranking = (struct pt_ranking){0};
}
