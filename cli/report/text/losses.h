/* SPDX-License-Identifier: MIT */
/* losses.h - how much could not be recorded, by what it was.
 *
 * Hooks cannot fail: what finds no room they drop and count, in the record of
 * their process. Here these counts are added up and told.
 */
#ifndef PT_CLI_REPORT_TEXT_LOSSES_H
#define PT_CLI_REPORT_TEXT_LOSSES_H

#include "core/base/buf.h"
#include "core/timeline/recording.h"

enum {
    PT_LOSS_BLOCKS,   // allocations
    PT_LOSS_LINES,    // line events that were to be counted
    PT_LOSS_EVENTS,   // of the timeline
    PT_LOSS_PACKETS,  // of events or of a snapshot
    PT_LOSSES,
};

struct pt_losses {
    uint64_t count[PT_LOSSES];
};

/* Add what a process dropped. Any thread. */
void pt_losses_take(struct pt_losses *losses,
                    const struct pt_process *process);

/* Append "1,234 allocations, 5 line events"; nothing if nothing was lost. Any
 * thread; failure is in the buffer. */
void pt_losses_add(struct pt_buf *buf, const struct pt_losses *losses);

/* Say on stderr what was lost and which figures suffer. Any thread. */
void pt_losses_say(const struct pt_losses *losses);

#endif
