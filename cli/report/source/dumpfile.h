/* SPDX-License-Identifier: MIT */
/* dumpfile.h - what tracemalloc's Snapshot.dump() wrote, as a recording.
 *
 * Both kinds of files are taken: the standard library's pickles and ours
 * (docs/python.md). What they hold, traces of blocks, becomes the pairs of one
 * process in a recording in anonymous memory, so that all that reads
 * recordings reads them. Nothing in them is executed.
 */
#ifndef PT_CLI_REPORT_SOURCE_DUMPFILE_H
#define PT_CLI_REPORT_SOURCE_DUMPFILE_H

#include "core/base/error.h"

/* Does the file begin as such a file does? */
int pt_dumpfile_is(int fd);

/* Make a recording of the file at `path`, which such a file is: its
 * descriptor, which is the caller's. PT_ERR_IO, PT_ERR_FORMAT or PT_ERR_NOMEM
 * with the message in `err`. */
PT_MUST_CHECK int pt_dumpfile_open(const char *path, int *fd,
                                   struct pt_err *err);

#endif
