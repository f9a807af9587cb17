/* SPDX-License-Identifier: MIT */
/* symbols.h - names of native code: function, source file and line.
 *
 * By elfutils, from the files as they are now, when a report is made. Without
 * it, or of files that are gone, nothing is known.
 */
#ifndef PT_CLI_REPORT_SOURCE_SYMBOLS_H
#define PT_CLI_REPORT_SOURCE_SYMBOLS_H

#include <stdint.h>

#include "core/base/error.h"

struct pt_symbols;

/* All texts are borrowed of the symbols; NULL and 0 for what is not known. */
struct pt_symbol {
    const char *function;  // as the source has it, if that can be told
    const char *linkage;   // as the linker has it: of C the same
    const char *file;
    int line;
};

/* Begin; files are opened when they are asked for. */
PT_MUST_CHECK int pt_symbols_new(struct pt_symbols **symbols);

/* What is at `offset`, as the file's headers count, of the file `path`. */
struct pt_symbol pt_symbols_find(struct pt_symbols *symbols, const char *path,
                                 uint64_t offset);

/* Close all; NULL is harmless. */
void pt_symbols_free(struct pt_symbols *symbols);

#endif
