/* SPDX-License-Identifier: MIT */
/* integrity.h - does a recording hold together, and what of it may be trusted?
 *
 * Readers leave out or refuse what does not hold, so a report of a damaged
 * recording is too low rather than wrong. This looks at everything, and says
 * what was left out.
 */
#ifndef PT_CLI_REPORT_FIGURES_INTEGRITY_H
#define PT_CLI_REPORT_FIGURES_INTEGRITY_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/timeline/reader.h"

struct pt_integrity {
    const struct pt_reader *reader;
    int fd;  // of the recording
    uint64_t file_bytes;
    struct pt_buf *out;  // one finding a line
    uint64_t problems;   // damage,
    uint64_t notes;      // and what is as it must be after such an end
    uint32_t extents;
    uint64_t items;  // looked at
};

/* Look at every extent and every item. Findings go to `out`; of those of one
 * kind the first few are told, then their number. */
void pt_integrity_check(struct pt_integrity *integrity);

#endif
