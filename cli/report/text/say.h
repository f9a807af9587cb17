/* SPDX-License-Identifier: MIT */
/* say.h - chatter for the person at the terminal, on stderr. */
#ifndef PT_CLI_REPORT_TEXT_SAY_H
#define PT_CLI_REPORT_TEXT_SAY_H

#include "core/base/compiler.h"

/* Print "pytrace: ", the message and a newline on stderr: lower case, what
 * failed first, its subject in quotes, then what to do. Any thread. */
void pt_say(const char *format, ...) PT_PRINTF(1, 2);

#endif
