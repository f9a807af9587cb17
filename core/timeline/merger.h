/* SPDX-License-Identifier: MIT */
/* merger.h - several recordings copied into one.
 *
 *     pt_merger_begin(&merger, fd, header);      // of pt_merger_plan()
 *     pt_merger_add(&merger, reader, "a.pytrace", NULL);
 *     pt_merger_add(&merger, reader, "b.pytrace", NULL);
 *     pt_merger_end(&merger);
 *
 * Every process of every recording becomes a process of the new one, with all
 * that it has, and with a struct pt_run that says where it comes from: figures
 * are copied, never added up here. The clocks of the runs become one by the
 * time of day at which each began. Numbers of snapshots stay as they are.
 */
#ifndef PT_CORE_TIMELINE_MERGER_H
#define PT_CORE_TIMELINE_MERGER_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/reader.h"
#include "core/timeline/recording.h"

struct pt_merger {
    int fd;
    struct pt_header header;  // of the new recording
    uint64_t at;              // where the next extent goes
    uint32_t processes;       // numbers handed out
    uint64_t damaged;         // packets that did not hold, and were left out
};

/* What the header of some recordings in one says; at least one. Command and
 * directory are those of the first, the start is the earliest, and the end
 * that of the first run that did not end well. */
void pt_merger_plan(struct pt_header *header,
                    const struct pt_reader *const *reader, uint32_t count);

/* Begin in an empty file. Until pt_merger_end() it is no recording. Of all
 * three: PT_ERR_IO or PT_ERR_NOSPACE with errno set, PT_ERR_NOMEM. */
PT_MUST_CHECK int pt_merger_begin(struct pt_merger *merger, int fd,
                                  const struct pt_header *header);

/* Add all processes of a recording, which is called `name`. With a `tree`,
 * files below its directory become files below that one. PT_ERR_RANGE: there
 * are too many processes. */
PT_MUST_CHECK int pt_merger_add(struct pt_merger *merger,
                                const struct pt_reader *reader,
                                const char *name, const char *tree);

/* Write the header. */
PT_MUST_CHECK int pt_merger_end(struct pt_merger *merger);

/* For the two halves: append an extent for process `number`. */
PT_MUST_CHECK int pt_merger_extent(struct pt_merger *merger,
                                   enum pt_segment segment, uint32_t number,
                                   uint32_t first_item, const void *payload,
                                   uint64_t payload_bytes);

#endif
