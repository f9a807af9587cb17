/* SPDX-License-Identifier: MIT */
/* instants.h - the snapshots in a recording, and reading it as of one.
 *
 * A snapshot that the program took is of one process; one that a signal asked
 * for is of all, under one number. Labels need not differ. Not for use by
 * several threads at once.
 */
#ifndef PT_CORE_TIMELINE_INSTANTS_H
#define PT_CORE_TIMELINE_INSTANTS_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/instant.h"
#include "core/timeline/reader.h"

/* A whole snapshot of one process. */
struct pt_instant {
    uint32_t number;
    uint32_t process;
    uint64_t bytes;  // of it, unpacked
    int is_whole;
    struct pt_instant_head head;
    char label[PT_INSTANT_LABEL_MAX + 1];  // ended by 0
};

struct pt_instants {
    struct pt_instant
        *instant;  // by process, then in the order of being taken
    uint32_t count;
    uint32_t room;
};

/* List those that are whole. PT_ERR_NOMEM or PT_ERR_IO leaves nothing to
 * release. */
PT_MUST_CHECK int pt_instants_init(struct pt_instants *instants,
                                   const struct pt_reader *reader);
void pt_instants_release(struct pt_instants *instants);

/* The last snapshot of a process with that label, or, for "#3", of that
 * number; NULL if there is none. Borrowed. */
const struct pt_instant *pt_instants_find(const struct pt_instants *instants,
                                          uint32_t process, const char *label);

/* What it held, in bytes. */
uint64_t pt_instant_live_bytes(const struct pt_instant *instant);

/* From now on have `reader` give the figures of the snapshot that
 * pt_instants_find() finds for each process; processes without one are not
 * there any more. PT_ERR_RANGE: there is none at all, and nothing changed.
 * PT_ERR_NOMEM, PT_ERR_IO or PT_ERR_CORRUPT: close the reader. */
PT_MUST_CHECK int pt_instants_rewind(struct pt_reader *reader,
                                     const char *label);

/* The same of one process and one snapshot of it, for who goes from each to
 * the next; `reader` has made its items its own (pt_reader_own). PT_ERR_NOMEM,
 * PT_ERR_IO or PT_ERR_CORRUPT: close it. */
PT_MUST_CHECK int pt_instants_rewind_to(struct pt_reader *reader,
                                        const struct pt_instant *instant);

#endif
