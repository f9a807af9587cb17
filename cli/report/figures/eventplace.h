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

/* Look it up in the tables of the event's process. */
struct pt_eventplace pt_eventplace_of(const struct pt_dossier *dossier,
                                      const struct pt_share *share,
                                      const struct pt_event *event);

/* The same for a context of memory: where its innermost frame was. */
struct pt_eventplace pt_eventplace_of_node(const struct pt_dossier *dossier,
                                           const struct pt_share *share,
                                           uint32_t node);

#endif
