/* SPDX-License-Identifier: MIT */
/* help.h - what --help and --version print, and what wrong usage gets. */
#ifndef PT_CLI_OPTIONS_HELP_H
#define PT_CLI_OPTIONS_HELP_H

#include "cli/options/options.h"
#include "core/base/buf.h"

enum pt_help_page {
    PT_HELP_SHORT,   // what is used most, on one screen
    PT_HELP_ALL,     // every option of a run
    PT_HELP_REPORT,  // every option of pytrace report
};

/* Append a page to `out`. */
void pt_help_add(struct pt_buf *out, enum pt_help_page page);

/* Print the version, the page with every option, or `page`, whichever is asked
 * for: the exit status. */
int pt_help_answer(const struct pt_options *options, enum pt_help_page page);

/* Say what is wrong with the command line: the exit status. */
int pt_help_refuse(const char *message);

#endif
