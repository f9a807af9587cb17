/* SPDX-License-Identifier: MIT */
/* filter.h - whose lines are counted: decided once for each source file.
 *
 * By default the user's code: the program itself wherever it lives, else
 * whatever is neither the standard library nor in site-packages. With `all`,
 * everything but this tool and code that has no file.
 *
 * The scope of the run narrows that: patterns to include (which take in the
 * standard library and site-packages, too), patterns to omit, modules and
 * directories to ignore. It holds for the program itself as well.
 */
#ifndef PT_LINETRACE_FILTER_H
#define PT_LINETRACE_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

/* Begin anew with no directories. `main_path` is the program: a script, or a
 * directory or zip file that holds it; `main_suffix` is the tail of its path
 * when only a module name is known ("/json/tool.py"). Either may be "". Both
 * are copied and cut at PATH_MAX. */
void pt_filter_init(const char *main_path, const char *main_suffix);

/* Count the directories ignored without `even_with_all` too. */
void pt_filter_take_all(void);

/* Never count below this directory (copied). A main program there still is.
 * -1 when the table is full. */
PT_MUST_CHECK int pt_filter_ignore(const char *directory, int even_with_all);

/* Where the standard library lies; what $prefix and $exec_prefix stand for. */
struct pt_filter_libraries {
    const char *prefix;
    const char *exec_prefix;
};

/* Narrow the counting to the scope of a header, of so many bytes (copied, as
 * are the libraries). */
void pt_filter_take_scope(const char *scope, size_t bytes,
                          const struct pt_filter_libraries *libraries);

/* The enum pt_source_flag bits of a path. Hook-safe; looks into the file
 * system when packages are ignored. */
uint32_t pt_filter_decide(const char *path, size_t bytes);

#endif
