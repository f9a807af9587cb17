/* SPDX-License-Identifier: MIT */
/* cmd_export.h - `pytrace export --to X FILE`: a recording for other tools. */
#ifndef PT_CLI_COMMANDS_CMD_EXPORT_H
#define PT_CLI_COMMANDS_CMD_EXPORT_H

/* Run the command, argv[0] being "export": the exit status. */
int pt_cmd_export(int argc, char **argv);

#endif
