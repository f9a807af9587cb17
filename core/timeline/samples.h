/* SPDX-License-Identifier: MIT */
/* samples.h - reading the memory samples of one process. */
#ifndef PT_CORE_TIMELINE_SAMPLES_H
#define PT_CORE_TIMELINE_SAMPLES_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/reader.h"
#include "core/timeline/recording.h"

struct pt_samples {
    struct pt_sample *sample;  // in the order of time
    uint32_t count;            // PT_SAMPLES_MAX at most
};

/* Copy the samples of a process; none are no error. PT_ERR_NOMEM. One
 * thread at a time, as with all of a reader. */
PT_MUST_CHECK int pt_samples_read(struct pt_samples *samples,
                                  const struct pt_reader *reader,
                                  uint32_t process);

/* Free the copy. */
void pt_samples_release(struct pt_samples *samples);

#endif
