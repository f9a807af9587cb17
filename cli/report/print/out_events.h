/* SPDX-License-Identifier: MIT */
/* out_events.h - events as JSON, one a line. */
#ifndef PT_CLI_REPORT_PRINT_OUT_EVENTS_H
#define PT_CLI_REPORT_PRINT_OUT_EVENTS_H

#include <stdint.h>

#include "cli/report/figures/dossier.h"
#include "cli/report/source/patterns.h"

#define PT_EVENTS_ANY UINT32_MAX

/* Which events; one that has not what is asked for is none of them. */
struct pt_events_filter {
    struct pt_patterns kinds;  // names as pt_eventlog_name has them
    struct pt_filter files;
    struct pt_patterns functions;  // qualified names, or their last parts
    uint32_t thread;
    uint32_t process;
    uint64_t least_bytes;  // of a block; 0: whatever has no size, too
    uint64_t most_bytes;
    uint64_t since_ns;  // from the start of the run
    uint64_t until_ns;
    uint64_t most_events;
};

/* The first pattern that fits no kind of event there is, or NULL. */
const char *pt_events_unknown_kind(const struct pt_patterns *kinds);

/* Append "call, return, ...": all kinds that can be asked for. */
void pt_events_add_kinds(struct pt_buf *text);

/* Write them to `fd`. PT_ERR_NOMEM, or PT_ERR_IO: of reading with errno 0, of
 * writing with errno set. *lost: events that are known to be missing. */
PT_MUST_CHECK int pt_out_events(const struct pt_dossier *dossier,
                                const struct pt_events_filter *filter, int fd,
                                uint64_t *lost);

#endif
