/* SPDX-License-Identifier: MIT */
/* rewind.h - reading a recording as of any moment of its run.
 *
 * A snapshot has the figures of its moment. For other moments the events are
 * undone, from the end back: what was allocated later is taken away, what was
 * freed later is there again, and each later line event is one hit less. That
 * is exact, needs no events from before the moment (--ring, --last), and works
 * for what events were recorded: the others' figures are forgotten, as nobody
 * knows them. Not for use by several threads at once.
 */
#ifndef PT_CORE_TIMELINE_REWIND_H
#define PT_CORE_TIMELINE_REWIND_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/base/error.h"
#include "core/timeline/reader.h"

/* The moment that was found. */
struct pt_rewound {
    int is_snapshot;
    int is_end;           // it is behind the end of the run
    int is_possible;      // else neither figures nor events tell of it
    uint64_t time_ns;     // monotonic
    uint32_t forgotten;   // of enum pt_wanted: what is not known of it
    uint64_t held_bytes;  // where it is not possible: what the sample of the
    uint64_t sampled_ns;  // program before that time says; 0, 0: there is none
};

/* From now on have `reader` give the figures of a moment: the label of a
 * snapshot, "#3" (its number), the label of a mark, or seconds since the start
 * of the run; of several with one label the last. PT_ERR_RANGE: there is no
 * such moment, or (`time_ns` is not 0 then) it is not possible; nothing
 * changed. PT_ERR_NOMEM, PT_ERR_IO or PT_ERR_CORRUPT: close the reader. */
PT_MUST_CHECK int pt_rewind(struct pt_reader *reader, const char *moment,
                            struct pt_rewound *rewound);

/* The same for the moment when the process with the highest peak held most, as
 * far as events tell which it was. */
PT_MUST_CHECK int pt_rewind_to_peak(struct pt_reader *reader,
                                    struct pt_rewound *rewound);

#endif
