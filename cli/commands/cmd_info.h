/* SPDX-License-Identifier: MIT */
/* cmd_info.h - `pytrace info FILE`: what a recording is. */
#ifndef PT_CLI_COMMANDS_CMD_INFO_H
#define PT_CLI_COMMANDS_CMD_INFO_H

/* Run the command, argv[0] being "info": the exit status. */
int pt_cmd_info(int argc, char **argv);

#endif
