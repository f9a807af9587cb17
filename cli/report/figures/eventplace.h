/* SPDX-License-Identifier: MIT */
/* eventplace.h - what an event is about: a place in the source, a size. */
#ifndef PT_CLI_REPORT_FIGURES_EVENTPLACE_H
#define PT_CLI_REPORT_FIGURES_EVENTPLACE_H

#include <stdint.h>

#include "cli/report/figures/dossier.h"
#include "core/timeline/eventlog.h"

struct pt_eventplace {
    uint32_t file;         // of the aggregate, 0: the event has no place
    uint32_t line;         // of a call: where the function begins
    const char *function;  // qualified, not ended by 0; borrowed
    size_t function_bytes;
    uint64_t size_bytes;  // of a block
    uint32_t blocks;      // 1 for a block, else 0
};

/* What the place of an event follows from, the code or the pair of blocks, as
 * a number of at most 34 bits; 0: it has none. Lines of one code object have
 * one key, and places of their own. */
uint64_t pt_eventplace_key(const struct pt_event *event);

/* Look it up in the tables of the event's process. */
struct pt_eventplace pt_eventplace_of(const struct pt_dossier *dossier,
                                      const struct pt_share *share,
                                      const struct pt_event *event);

/* Places of one process that were looked up of late; begins as zeros, with
 * dossier and share. Not for use by several threads at once. */
struct pt_eventplaces {
    const struct pt_dossier *dossier;
    const struct pt_share *share;
    struct {
        uint64_t key;
        struct pt_eventplace place;
    } known[PT_SIZE(1024, 2)];
};

/* The same by way of them. */
struct pt_eventplace pt_eventplaces_seek(struct pt_eventplaces *places,
                                         const struct pt_event *event);

/* The same for a context of memory: where its innermost frame was. */
struct pt_eventplace pt_eventplace_of_node(const struct pt_dossier *dossier,
                                           const struct pt_share *share,
                                           uint32_t node);

#endif
