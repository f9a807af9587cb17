/* SPDX-License-Identifier: MIT */
/* stragglers.h - processes of a run that are there when the program is gone.
 *
 * A child forked in the last moment has its work to do, and its figures belong
 * to the report. One that only sleeps is a daemon, and nobody waits for it.
 */
#ifndef PT_CLI_RUN_STRAGGLERS_H
#define PT_CLI_RUN_STRAGGLERS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/run/supervise.h"

#define PT_STRAGGLERS_NAMED 8u
// A number of 10 digits, a comma and a blank each; " and 4294967295 more".
#define PT_STRAGGLERS_NAME_BYTES (PT_STRAGGLERS_NAMED * 12u + 24u)

struct pt_stragglers {
    int fd;  // of the recording
    const struct pt_header *header;
    uint32_t count;  // how many of them still ran at the last look,
    uint32_t pid[PT_STRAGGLERS_NAMED];  // and the first of them
};

/* Wait for those that work or are just being forked, for some seconds, and for
 * others a moment; meanwhile `beat` goes on, if there is one. */
void pt_stragglers_wait(struct pt_stragglers *stragglers,
                        const struct pt_beat *beat);

/* Their numbers as text, "12, 34": those of the first, and how many more. */
void pt_stragglers_name(const struct pt_stragglers *stragglers,
                        char text[PT_STRAGGLERS_NAME_BYTES]);

#endif
