/* SPDX-License-Identifier: MIT */
/* standin.h - the modes of `python -m trace` that the drop-in module runs.
 *
 * Reports of files of counts, and such files with anything but lines in them,
 * come from pytrace.trace, which does what the standard module does, in C. It
 * needs no recording, so the program is replaced by the interpreter.
 */
#ifndef PT_CLI_RUN_STANDIN_H
#define PT_CLI_RUN_STANDIN_H

#include "cli/options/options.h"
#include "cli/run/package.h"

/* Does one of these modes have to run it? */
int pt_standin_is_needed(const struct pt_options *options);

/* PT_ERR_USAGE when options were given that only a recording can serve. */
PT_MUST_CHECK int pt_standin_check(const struct pt_options *options,
                                   struct pt_err *err);

/* Put the package of a build tree where an interpreter that we start finds it;
 * an installed one is where it looks anyway. */
PT_MUST_CHECK int pt_standin_show_package(const struct pt_package *package);

/* Run `python -m pytrace.trace` with the options at argv[1] to argv[at - 1]
 * and the program at argv[at]. Returns only with an exit status, when that
 * failed and has been said. */
int pt_standin_run(const struct pt_options *options, char **argv, int at);

#endif
