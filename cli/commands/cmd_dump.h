/* SPDX-License-Identifier: MIT */
/* cmd_dump.h - `pytrace dump FILE`: its events, one a line. */
#ifndef PT_CLI_COMMANDS_CMD_DUMP_H
#define PT_CLI_COMMANDS_CMD_DUMP_H

/* Run the command, argv[0] being "dump": the exit status. */
int pt_cmd_dump(int argc, char **argv);

#endif
