/* SPDX-License-Identifier: MIT */
/* runfile.h - the recording of one run, from making it to closing it. */
#ifndef PT_CLI_RUN_RUNFILE_H
#define PT_CLI_RUN_RUNFILE_H

#include "cli/run/supervise.h"
#include "core/base/error.h"
#include "core/timeline/recording.h"

struct pt_runfile {
    int fd;
    struct pt_header *header;  // of the file, mapped
    const char *output;        // its name, NULL for an anonymous one
};

/* Make the recording of a run with `values` in its header, in the file
 * `output` or in memory. A file that is there is replaced if it is a recording
 * or empty, and refused if it is anything else. On failure nothing is held. */
PT_MUST_CHECK int pt_runfile_create(struct pt_runfile *file,
                                    const char *output,
                                    const struct pt_header *values,
                                    struct pt_err *err);

/* Move a descriptor to where programs expect none of their own, and let it be
 * inherited. */
PT_MUST_CHECK int pt_runfile_lift(int *fd, struct pt_err *err);

/* Put into our environment what the traced interpreter must know. */
PT_MUST_CHECK int pt_runfile_hand_over(const struct pt_runfile *file,
                                       const char *boot, struct pt_err *err);

/* Note how the program ended. */
void pt_runfile_note_end(struct pt_runfile *file,
                         const struct pt_ending *ending);

/* Close it; the file is kept. Harmless on a closed one. */
void pt_runfile_close(struct pt_runfile *file);

/* Close it and remove the file: nothing was run. */
void pt_runfile_discard(struct pt_runfile *file);

#endif
