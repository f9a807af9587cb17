/* SPDX-License-Identifier: MIT */
/* countsfile.h - --file: adding the counts of a run to those of earlier ones.
 *
 * The file is the standard trace's, a pickle; the drop-in module reads and
 * writes it, with a lock around both, and writes the listings of the sums
 * (python/pytrace/_trace_add.py). It runs when the program is gone, in a
 * process of its own, so that counts are added however the program ended.
 */
#ifndef PT_CLI_RUN_COUNTSFILE_H
#define PT_CLI_RUN_COUNTSFILE_H

#include "cli/options/options.h"
#include "cli/run/package.h"
#include "core/base/error.h"
#include "core/timeline/reader.h"

/* Add the counts of a recording to the file of the options, and write the
 * listings that they ask for, by this interpreter. PT_OK, or another code when
 * that failed, of which the user has been told. */
PT_MUST_CHECK int pt_countsfile_add(const struct pt_reader *reader,
                                    const struct pt_options *options,
                                    const struct pt_package *package,
                                    const char *interpreter);

#endif
