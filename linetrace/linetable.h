/* SPDX-License-Identifier: MIT */
/* linetable.h - the location table of a code object, read and written.
 *
 * The format is CPython's Objects/locations.md, the same from 3.11 to 3.15.
 */
#ifndef PT_LINETRACE_LINETABLE_H
#define PT_LINETRACE_LINETABLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "linetrace/flow.h"

// The most bytes one entry (up to 8 code units) can take.
#define PT_LINETABLE_ENTRY_BYTES 32

/* Reads a table one entry at a time. Believes nothing. */
struct pt_linetable_reader {
    const uint8_t *next, *end;
    int32_t line;
};

/* Writes runs of units; equal neighbours are the caller's to merge. */
struct pt_linetable_writer {
    uint8_t *next;
    int32_t line;
};

/* The next entry: its place, and how many units it covers (1 to 8); 0 at the
 * end, PT_FLOW_STRANGE on a damaged table. Any thread. */
PT_MUST_CHECK int pt_linetable_read(struct pt_linetable_reader *reader,
                                    struct pt_spot *spot);

/* As pt_linetable_read, but look only for its lines. Any thread. */
PT_MUST_CHECK int pt_linetable_skip(struct pt_linetable_reader *reader,
                                    struct pt_entry *entry);

/* Write an entry that was skipped, and has a next one, for `units` code units.
 * Room as for pt_linetable_write. Any thread. */
void pt_linetable_write_again(struct pt_linetable_writer *writer,
                              const struct pt_entry *entry, int32_t units);

/* Write a run of `units` code units at `spot`. The buffer must have room for
 * PT_LINETABLE_ENTRY_BYTES for each 8 units begun. Any thread. */
void pt_linetable_write(struct pt_linetable_writer *writer,
                        const struct pt_spot *spot, int32_t units);

#endif
