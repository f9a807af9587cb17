/* SPDX-License-Identifier: MIT */
/* naming.h - what sources are called in reports, as `trace` calls them.
 *
 * `python -m trace prog.py` leaves the program's name as typed and puts its
 * directory, as typed, in front of the module search path; a run under pytrace
 * has both absolute, as plain python has. Reports speak as trace does.
 */
#ifndef PT_CLI_REPORT_SOURCE_NAMING_H
#define PT_CLI_REPORT_SOURCE_NAMING_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/timeline/reader.h"

struct pt_naming {
    const char *directory;    // where the run started
    const char *typed;        // the program as typed; "" if it is no file
    const char *search_path;  // directories, a newline between them
    size_t search_path_bytes;
    uint32_t replaced;  // the one of them that Python made of the program's
};

#define PT_NAMING_NOTHING_REPLACED UINT32_MAX

/* Take the names of a run from its recording, which must stay open. */
void pt_naming_init(struct pt_naming *naming, const struct pt_reader *reader);

/* Append what to call the source `path`: the program as typed, any other as
 * it is; a .pyc stands for its .py. */
void pt_naming_show(const struct pt_naming *naming, const char *path,
                    struct pt_buf *shown);

/* Append where the source `path` lies: relative ones start in the directory
 * of the run. */
void pt_naming_locate(const struct pt_naming *naming, const char *path,
                      struct pt_buf *located);

/* Append trace's _modname of a path: its last part without the suffix. */
void pt_naming_module(const char *path, struct pt_buf *name);

/* Append trace's _fullmodname: what is left of a path when the longest fitting
 * directory of the search path is taken off, with dots. */
void pt_naming_full_module(const struct pt_naming *naming, const char *path,
                           struct pt_buf *name);

#endif
