/* SPDX-License-Identifier: MIT */
/* snapshotfile.h - writing the file of --snapshot. */
#ifndef PT_CLI_RUN_SNAPSHOTFILE_H
#define PT_CLI_RUN_SNAPSHOTFILE_H

#include "core/base/error.h"
#include "core/timeline/reader.h"

/* Write what the program held in the end to the file at `path`, for
 * Snapshot.load(). PT_ERR_IO: it could not be, which was said. */
PT_MUST_CHECK int pt_snapshotfile_write(const struct pt_reader *reader,
                                        const char *path);

#endif
