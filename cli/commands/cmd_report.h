/* SPDX-License-Identifier: MIT */
/* cmd_report.h - `pytrace report FILE`: print a kept recording again. */
#ifndef PT_CLI_COMMANDS_CMD_REPORT_H
#define PT_CLI_COMMANDS_CMD_REPORT_H

/* 0 done, 1 failed, 2 wrong usage. argv[0] is the command's name. */
int pt_cmd_report(int argc, char **argv);

#endif
