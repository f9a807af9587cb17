/* SPDX-License-Identifier: MIT */
/* cmd_leaks.h - `pytrace leaks FILE`: lines that hold more with each span. */
#ifndef PT_CLI_COMMANDS_CMD_LEAKS_H
#define PT_CLI_COMMANDS_CMD_LEAKS_H

/* Run the command, argv[0] being "leaks": the exit status. */
int pt_cmd_leaks(int argc, char **argv);

#endif
