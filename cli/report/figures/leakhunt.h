/* SPDX-License-Identifier: MIT */
/* leakhunt.h - the lines of a run that hold more with each piece of work.
 *
 * Work is what the program says it is: spans of one label that end, or marks
 * of one label. The events of each process are replayed, and what each line
 * holds is looked at whenever a piece of work is done (series.h judges). Where
 * there are no such events, what snapshots held is compared instead. A line is
 * judged twice: by Python's memory, and by that of libraries.
 */
#ifndef PT_CLI_REPORT_FIGURES_LEAKHUNT_H
#define PT_CLI_REPORT_FIGURES_LEAKHUNT_H

#include <stdint.h>

#include "cli/report/figures/dossier.h"
#include "cli/report/figures/series.h"

struct pt_leak {
    uint32_t process;
    uint32_t place;  // in the aggregate
    int is_native;   // memory of libraries
    struct pt_growth growth;
};

enum pt_leakhunt_lack {
    PT_LACK_NOTHING,
    PT_LACK_WORK,    // no spans or marks, or none of the label asked for
    PT_LACK_EVENTS,  // allocations are no events in this recording
    PT_LACK_POINTS,  // too little work was done
};

struct pt_leakhunt {
    struct pt_dossier *dossier;
    struct pt_buf label;   // of the work
    uint64_t work;         // pieces of it, by all processes
    struct pt_buf passed;  // the label there is second most of, if it was
    uint64_t passed_work;  // passed over
    struct pt_leak *leak;  // the fastest first,
    uint32_t leaks;        // so many,
    uint32_t grown;  // and up to here other lines that held more at the end
                     // than at the start, those that gained most first
    uint32_t room;
    enum pt_leakhunt_lack lack;
    uint64_t lost;  // events that are missing: the figures are estimates then
};

/* Hunt for leaks over the spans or marks called `label`, or NULL: those there
 * are most of, by their beginnings. The dossier must outlive the hunt.
 * PT_ERR_NOMEM and PT_ERR_IO leave nothing to release. */
PT_MUST_CHECK int pt_leakhunt_init(struct pt_leakhunt *hunt,
                                   struct pt_dossier *dossier,
                                   const char *label,
                                   const struct pt_filter *filter);

/* Give it all back. Harmless on a released one. */
void pt_leakhunt_release(struct pt_leakhunt *hunt);

#endif
