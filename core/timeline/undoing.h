/* SPDX-License-Identifier: MIT */
/* undoing.h - taking later events of a process out of its figures.
 *
 * Not for use by several threads at once.
 */
#ifndef PT_CORE_TIMELINE_UNDOING_H
#define PT_CORE_TIMELINE_UNDOING_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/reader.h"

/* The last event that is to count: in one process by its number, as times of
 * neighbours may be equal, elsewhere by time. */
struct pt_undo_until {
    int is_found;
    uint32_t process;
    uint64_t sequence;
    uint64_t time_ns;
};

/* Undo what a process did after the moment. The reader's items must be its own
 * (pt_reader_own). PT_ERR_NOMEM or PT_ERR_IO. */
PT_MUST_CHECK int pt_undo_events(struct pt_reader *reader, uint32_t process,
                                 const struct pt_undo_until *until);

/* Of enum pt_wanted: have a process know nothing of what is not known of the
 * moment, lest it be taken for what it was then. */
void pt_undo_forget(struct pt_reader *reader, uint32_t process,
                    uint32_t forgotten);

#endif
