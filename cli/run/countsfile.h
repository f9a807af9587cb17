/* SPDX-License-Identifier: MIT */
/* countsfile.h - --file: adding the counts of a run to those of earlier ones.
 *
 * The file is the standard trace's, a pickle; pytrace._trace_sum reads and
 * writes it, with a lock around both, and tells which lines have code. It runs
 * when the program is gone, in a process of its own, so that counts are added
 * however the program ended. What is made of the sums is made here.
 */
#ifndef PT_CLI_RUN_COUNTSFILE_H
#define PT_CLI_RUN_COUNTSFILE_H

#include "cli/options/options.h"
#include "cli/run/package.h"
#include "core/base/error.h"
#include "core/timeline/reader.h"

/* Add the figures of a recording to the file of the options, and report the
 * sums as they ask for, by this interpreter. PT_OK, the code of what failed,
 * of which the user has been told, or the status of a limit that was not kept.
 */
PT_MUST_CHECK int pt_countsfile_add(const struct pt_reader *reader,
                                    const struct pt_options *options,
                                    const struct pt_package *package,
                                    const char *interpreter);

/* --report: report the sums that are in the file. The same. */
PT_MUST_CHECK int pt_countsfile_report(const struct pt_options *options,
                                       const struct pt_package *package,
                                       const char *interpreter);

#endif
