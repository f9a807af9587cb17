/* SPDX-License-Identifier: MIT */
/* cmd_check.h - `pytrace check FILE`: does a recording hold together? */
#ifndef PT_CLI_COMMANDS_CMD_CHECK_H
#define PT_CLI_COMMANDS_CMD_CHECK_H

/* Run the command, argv[0] being "check": the exit status. */
int pt_cmd_check(int argc, char **argv);

#endif
