/* SPDX-License-Identifier: MIT */
/* pulse.h - looking at the traced processes from outside, again and again.
 *
 * Each beat notes the time on both clocks of the recording, and for every
 * process what memory it has: its figures are in the recording, which we have
 * mapped, and the rest is in /proc. So the traced processes pay nothing.
 */
#ifndef PT_CLI_RUN_PULSE_H
#define PT_CLI_RUN_PULSE_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/recording.h"

struct pt_pulse;

/* Begin for the recording in `fd` with its mapped header. NULL when there is
 * no memory: then there will be no samples. */
struct pt_pulse *pt_pulse_new(int fd, struct pt_header *header);

/* One beat; `pulse` is a struct pt_pulse, or NULL. */
void pt_pulse_beat(void *pulse);

/* NULL is harmless. */
void pt_pulse_free(struct pt_pulse *pulse);

#endif
