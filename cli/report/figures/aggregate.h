/* SPDX-License-Identifier: MIT */
/* aggregate.h - the figures of a run by source line, over all its processes.
 *
 * A place is a line of a file. Several code objects and several processes may
 * meet at one; their figures are added up. What a forked process inherited is
 * its parent's, and not counted again.
 *
 * Places are sorted by file, then line; those of file[i] are the `places` ones
 * from `first`. File 0 and place 0 stand for memory that no line asked for.
 */
#ifndef PT_CLI_REPORT_FIGURES_AGGREGATE_H
#define PT_CLI_REPORT_FIGURES_AGGREGATE_H

#include <stdint.h>

#include "cli/report/text/amount.h"
#include "core/base/error.h"
#include "core/timeline/reader.h"

/* What tracemalloc calls file 0. */
#define PT_UNKNOWN_FILE "<unknown>"

struct pt_memory {
    struct pt_amount allocated;
    struct pt_amount live;
};

struct pt_place {
    uint32_t file;
    uint32_t line;
    uint64_t hits;
    uint64_t time_ns;  // spent in the line itself, not in what it called
    struct pt_memory memory;
    struct pt_memory native;  // of libraries: blocks and mappings
    uint32_t is_executable;   // the line has code, and hits were counted
};

struct pt_file {
    char *path;           // co_filename
    uint64_t size_bytes;  // both 0: it could not be looked at
    int64_t modified_ns;
    uint32_t first;
    uint32_t places;
    uint64_t hits;  // on all its lines
};

/* One process; its memory is what it allocated itself. */
struct pt_share {
    const struct pt_process *record;  // borrowed of the reader
    uint32_t *file_of;                // the file of each of its sources
    uint32_t sources;
    struct pt_memory memory;
};

struct pt_aggregate {
    struct pt_file *file;
    uint32_t files;
    struct pt_place *place;
    uint32_t places;
    struct pt_share *share;
    uint32_t shares;  // processes of which there is a record
    struct pt_memory memory;
};

/* Add up a recording, which must stay open. PT_ERR_NOMEM leaves nothing to
 * release. Indices that lead nowhere are left out. */
PT_MUST_CHECK int pt_aggregate_init(struct pt_aggregate *sum,
                                    const struct pt_reader *reader);

/* The same of one process alone. */
PT_MUST_CHECK int pt_aggregate_init_process(struct pt_aggregate *sum,
                                            const struct pt_reader *reader,
                                            uint32_t process);

/* Add all of `from` to `to`. */
void pt_memory_add(struct pt_memory *to, const struct pt_memory *from);

/* The recorded blocks of a pair that its process still had at the end and had
 * not inherited. */
uint64_t pt_aggregate_kept_blocks(const struct pt_process *process,
                                  const struct pt_pair *pair);

/* The most that a process held at once. */
uint64_t pt_aggregate_peak_bytes(const struct pt_share *share);

/* The process with the highest peak; NULL if there is none at all. */
const struct pt_share *pt_aggregate_highest(const struct pt_aggregate *sum);

/* What is known of a line; one of zeros if nothing is. Borrowed. */
const struct pt_place *pt_aggregate_find(const struct pt_aggregate *sum,
                                         uint32_t file, uint32_t line);

/* Give it all back. Harmless on a released one. */
void pt_aggregate_release(struct pt_aggregate *sum);

#endif
