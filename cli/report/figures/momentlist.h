/* SPDX-License-Identifier: MIT */
/* momentlist.h - the accounts of resident memory in a recording, in the order
 * of time. */
#ifndef PT_CLI_REPORT_FIGURES_MOMENTLIST_H
#define PT_CLI_REPORT_FIGURES_MOMENTLIST_H

#include <stdint.h>

#include "core/timeline/reader.h"

/* What rows and figures are called: for people, and as keys. */
extern const char *const pt_momentlist_row[PT_ROWS];
extern const char *const pt_momentlist_row_key[PT_ROWS];
extern const char *const pt_momentlist_stat[PT_STATS];

struct pt_momentlist {
    const struct pt_reader *reader;
    uint32_t process;
    uint32_t at;  // the next one
};

/* Go through those of a process: 1 with the next one, 0 behind the last. */
struct pt_momentlist pt_momentlist_of(const struct pt_reader *reader,
                                      uint32_t process);
int pt_momentlist_next(struct pt_momentlist *list, struct pt_moment *moment);

/* The last one; that with most resident memory, or one whose pages were
 * counted and that had nearly as much; the one nearest to a time of the
 * monotonic clock. 0 when there is none at all. */
int pt_momentlist_end(const struct pt_reader *reader, uint32_t process,
                      struct pt_moment *moment);
int pt_momentlist_peak(const struct pt_reader *reader, uint32_t process,
                       struct pt_moment *moment);
int pt_momentlist_nearest(const struct pt_reader *reader, uint32_t process,
                          uint64_t at_ns, struct pt_moment *moment);

/* What its rows do not add up to; may be less than nothing. */
int64_t pt_momentlist_unexplained(const struct pt_moment *moment);

#endif
