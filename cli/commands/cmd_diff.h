/* SPDX-License-Identifier: MIT */
/* cmd_diff.h - `pytrace diff A B`: what changed between two recordings. */
#ifndef PT_CLI_COMMANDS_CMD_DIFF_H
#define PT_CLI_COMMANDS_CMD_DIFF_H

/* Run the command, argv[0] being "diff": the exit status. */
int pt_cmd_diff(int argc, char **argv);

#endif
