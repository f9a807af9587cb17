/* SPDX-License-Identifier: MIT */
/* cmd_top.h - `pytrace top FILE`: watch a recording while it is written. */
#ifndef PT_CLI_COMMANDS_CMD_TOP_H
#define PT_CLI_COMMANDS_CMD_TOP_H

/* Run the command, argv[0] being "top": the exit status. */
int pt_cmd_top(int argc, char **argv);

#endif
