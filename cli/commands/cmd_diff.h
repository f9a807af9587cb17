/* SPDX-License-Identifier: MIT */
/* cmd_diff.h - `pytrace diff A B`: what changed between two recordings. */
#ifndef PT_CLI_COMMANDS_CMD_DIFF_H
#define PT_CLI_COMMANDS_CMD_DIFF_H

#include <stdint.h>

#include "cli/command.h"
#include "cli/report/figures/comparison.h"

/* Run the command, argv[0] being "diff": the exit status. */
int pt_cmd_diff(int argc, char **argv);

/* Print the tables of `pytrace diff` for two recordings, or two moments of
 * one: the exit status. */
int pt_cmd_diff_opened(const struct pt_opened *before,
                       const struct pt_opened *after,
                       const struct pt_comparison_options *options,
                       uint32_t top);

#endif
