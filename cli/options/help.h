/* SPDX-License-Identifier: MIT */
/* help.h - what --help and --version print, and what wrong usage gets. */
#ifndef PT_CLI_OPTIONS_HELP_H
#define PT_CLI_OPTIONS_HELP_H

#include "cli/options/options.h"

/* The whole help text. */
const char *pt_help_text(void);

/* Print the help or the version, whichever is asked for: the exit status. */
int pt_help_answer(const struct pt_options *options);

/* Say what is wrong with the command line: the exit status. */
int pt_help_refuse(const char *message);

#endif
