/* SPDX-License-Identifier: MIT */
/* cmd_combine.h - `pytrace combine -o OUT FILE ...`: several runs in one. */
#ifndef PT_CLI_COMMANDS_CMD_COMBINE_H
#define PT_CLI_COMMANDS_CMD_COMBINE_H

/* Run the command, argv[0] being "combine": the exit status. */
int pt_cmd_combine(int argc, char **argv);

#endif
