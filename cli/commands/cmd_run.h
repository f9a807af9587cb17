/* SPDX-License-Identifier: MIT */
/* cmd_run.h - `pytrace [options] prog.py args`: run and report. */
#ifndef PT_CLI_COMMANDS_CMD_RUN_H
#define PT_CLI_COMMANDS_CMD_RUN_H

/* The exit status of the program; see help.c. May end by a signal instead. */
int pt_cmd_run(int argc, char **argv);

#endif
