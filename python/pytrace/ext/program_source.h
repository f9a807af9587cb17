/* SPDX-License-Identifier: MIT */
/* program_source.h - the lines of a source file, as `pytrace -t` prints them.
 *
 * "name.py(3): source\n", in UTF-8, made once for the whole file, from the
 * file as it is when its first line is printed. Where there is no such file
 * (zip files), the module's loader is asked.
 *
 * All functions need the GIL.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_PROGRAM_SOURCE_H
#define PT_PYTHON_PYTRACE_EXT_PROGRAM_SOURCE_H

#include "core/py/compat.h"

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/compiler.h"

struct pt_program_source {
    struct pt_buf text;    // of all lines, one behind the other
    struct pt_buf end;     // of each: uint32_t
    struct pt_buf before;  // "name.py("
    struct pt_buf behind;  // "): "
    struct pt_buf latest;  // a line that has no source
};

/* Make the lines of the file `name`, of which code runs in a frame with these
 * globals; of `content` unless that is NULL. `source` is all zero, and what is
 * made lives as long as the process. May run Python code. Never raises: lines
 * then have no source. */
void pt_program_source_load(struct pt_program_source *source, PyObject *name,
                            PyObject *globals, PyObject *content,
                            int has_colors);

/* The text of a line. It is good until the next call; never NULL. */
const char *pt_program_source_line(struct pt_program_source *source, int line,
                                   size_t *bytes);

#endif
