/* SPDX-License-Identifier: MIT */
/* docstring.h - the lines that a listing does not call missing.
 *
 * `trace` leaves out every line of a string that stands first in an indented
 * block, and of one that is the very first token of the file: those are taken
 * for docstrings.
 */
#ifndef PT_CLI_REPORT_SOURCE_DOCSTRING_H
#define PT_CLI_REPORT_SOURCE_DOCSTRING_H

#include <stddef.h>
#include <stdint.h>

/* Which Python's tokens: an f-string is a string up to 3.11 and something of
 * its own since 3.12. */
enum pt_fstring { PT_FSTRING_IS_STRING, PT_FSTRING_IS_OWN };

/* Set is_docstring[line] for all such lines of `text`, which ends with a
 * newline and has `lines` lines; the first is number 1. Text that is no Python
 * gives some answer. Any thread. */
void pt_docstring_mark(const char *text, size_t bytes, enum pt_fstring kind,
                       unsigned char *is_docstring, uint32_t lines);

#endif
