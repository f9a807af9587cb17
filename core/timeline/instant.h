/* SPDX-License-Identifier: MIT */
/* instant.h - a snapshot: what a process has counted by now, sealed away.
 *
 * Copies of counters, not of blocks, so it takes a moment whatever is alive.
 * It goes into the recording in pieces, each of which is checked by itself; a
 * reader takes no snapshot of which one is missing.
 */
#ifndef PT_CORE_TIMELINE_INSTANT_H
#define PT_CORE_TIMELINE_INSTANT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/recording.h"

#define PT_INSTANT_LABEL_MAX 1024u  // longer labels are cut

#define PT_INSTANT_COLUMNS 6

struct pt_timeline;
struct pt_seal;

/* The columns of a snapshot; of how many items is not said here. */
extern const struct pt_instant_column pt_instant_columns[PT_INSTANT_COLUMNS];

/* Where figures come from: an item of one of the arrays of the process. NULL
 * stands for one of zeros. */
typedef const void *(*pt_instant_item)(const void *context,
                                       enum pt_segment segment,
                                       uint32_t index);

struct pt_instant_source {
    const struct pt_process *record;
    pt_instant_item item;
    const void *context;
};

/* Take a snapshot of what `source` has, under the name of timeline->process,
 * into `seal`. `number` was handed out by header.snapshots. PT_ERR_NOMEM, or
 * PT_ERR_NOSPACE: there is none then, and it was noted. Any thread. */
PT_MUST_CHECK int pt_instant_seal(struct pt_timeline *timeline,
                                  struct pt_seal *seal,
                                  const struct pt_instant_source *source,
                                  uint32_t number, const char *label,
                                  size_t label_bytes);

/* The same of the process itself. With its GIL, so that what is counted under
 * it holds still. */
PT_MUST_CHECK int pt_instant_take(struct pt_timeline *timeline,
                                  const char *label, size_t label_bytes);

#endif
