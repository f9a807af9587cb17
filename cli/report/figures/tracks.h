/* SPDX-License-Identifier: MIT */
/* tracks.h - events as viewers of timelines want them: slices that nest,
 * instants, a counter of the heap, and accounts of resident memory.
 *
 * A call is a slice of its thread, from begin to end; a generator has one for
 * each time it runs. Ends without a begin, as in the kept end of a recording,
 * are left out, and slices that are open at the end are closed there.
 */
#ifndef PT_CLI_REPORT_FIGURES_TRACKS_H
#define PT_CLI_REPORT_FIGURES_TRACKS_H

#include <stdint.h>

#include "cli/report/figures/dossier.h"
#include "cli/report/figures/eventplace.h"

enum pt_track_kind {
    PT_TRACK_PROCESS,     // one begins; comes before all of its items
    PT_TRACK_THREAD,      // one is met; comes before all of its items
    PT_TRACK_BEGIN,       // a slice of a thread: name, place
    PT_TRACK_END,         // the one begun last
    PT_TRACK_INSTANT,     // of a thread: name, place if it is a block's
    PT_TRACK_SPAN_BEGIN,  // spans of a process may overlap: number, name
    PT_TRACK_SPAN_END,    // number, name
    PT_TRACK_HEAP,        // value: bytes that live
    PT_TRACK_GAUGES,      // name, gauge: they come before all of their values
    PT_TRACK_VALUES,      // of gauges, in bytes
};

/* Figures of a process that are taken together: of its memory, again and
 * again. */
struct pt_track_gauges {
    const char *const *name;
    const uint64_t *value;
    uint32_t gauges;
};

struct pt_track_item {
    enum pt_track_kind kind;
    const struct pt_share *share;  // whose
    uint32_t thread;
    uint64_t time_ns;  // since the start of the run
    const char *name;
    size_t name_bytes;
    struct pt_eventplace place;
    uint64_t number;
    int64_t value;
    struct pt_track_gauges gauge;
    uint64_t key;  // items of a process that have the same differ in nothing
                   // but time_ns; 0: there may be no other like it
};

/* Takes one item; an error code ends it all. */
typedef int (*pt_track_sink)(void *self, const struct pt_track_item *item);

/* Send everything of a recording. PT_ERR_NOMEM, PT_ERR_IO, or what the sink
 * gave. */
PT_MUST_CHECK int pt_tracks_send(const struct pt_dossier *dossier,
                                 pt_track_sink sink, void *self);

#endif
