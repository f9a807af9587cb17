/* SPDX-License-Identifier: MIT */
/* pragma.h - comments that excuse lines from being called missing.
 *
 * trace's own "#pragma NO COVER" excuses its line. "# pragma: no cover", in
 * small or capital letters, excuses its line, and when that opens
 * a block, all of the block.
 */
#ifndef PT_CLI_REPORT_SOURCE_PRAGMA_H
#define PT_CLI_REPORT_SOURCE_PRAGMA_H

#include <stddef.h>
#include <stdint.h>

/* Set is_excused[line] for all such lines of `text`, which ends with a newline
 * and has `lines` lines; the first is number 1. Lines that are set already
 * (docstrings) never end a block. Any thread. */
void pt_pragma_mark(const char *text, size_t bytes, unsigned char *is_excused,
                    uint32_t lines);

#endif
