/* SPDX-License-Identifier: MIT */
/* shutter.h - snapshots taken from outside, when a signal asks for one.
 *
 * The handler in the traced process adds one to a number in the recording, and
 * that is all it does. We see that at the next beat, and copy the figures of
 * all its processes out of the recording, which we have too; so it does not
 * matter what the program is doing, or whether it still does anything. It goes
 * on meanwhile: figures of two lines may be a moment apart.
 */
#ifndef PT_CLI_RUN_SHUTTER_H
#define PT_CLI_RUN_SHUTTER_H

#include <stdint.h>

#include "core/timeline/recording.h"

struct pt_shutter {
    int fd;
    struct pt_header *header;
    uint32_t answered;  // of header->snapshot_requests
};

/* The number of a signal by its place in --snapshot-on; 0 for none. */
uint32_t pt_shutter_signal(int choice);

/* Take what was asked for since the last time. What fails is said. */
void pt_shutter_beat(struct pt_shutter *shutter);

#endif
